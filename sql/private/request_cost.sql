-- Tokens a request will take, as far as can be told before it runs: four characters are about one token of English, and one
-- that has more octets is about as many tokens more (Chinese 2.25 a character; measured 2.05 of the text model and 1.01 of the
-- embedding one). Its input is read p_times, and no more than p_most of it.
-- "Hello" 2 · a page of 3,000 characters 750 · the same with max_tokens 512: 1,262 · never below 1.
-- No pinned search_path, so that it is inlined into the insert of a batch, and runs under that of its callers.
create or replace function @privschema@.request_cost(p_prompt text, p_times real, p_most real, p_params_cost real)
returns real
language sql immutable parallel safe
as $$
  select greatest(1, ceil(least(p_times * @privschema@.text_tokens(p_prompt), p_most)) + p_params_cost)::real
$$;

revoke all on function @privschema@.request_cost from public;
comment on function @privschema@.request_cost is 'Estimated tokens, in and out, of a request.';
