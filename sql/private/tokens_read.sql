-- How much of a request's estimated cost is its input: what an answer may still add is known when it comes.
-- No pinned search_path, so that it is inlined into the claim, and runs under that of its callers.
create or replace function @privschema@.tokens_read(p_cost real, p_params jsonb)
returns real
language sql immutable parallel safe
as $$
  select p_cost - coalesce((p_params ->> 'max_tokens')::real, 0)
$$;

revoke all on function @privschema@.tokens_read from public;
comment on function @privschema@.tokens_read is 'Estimated tokens of a request''s input.';
