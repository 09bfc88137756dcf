-- How many tokens of an input are read at most: an embedding that is not averaged over the parts of its text is cut where
-- the model ends, which is 512 tokens for nearly all. Without this a text of 100,000 characters counts as 25,000 tokens.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.most_read(p_request_type text, p_params jsonb)
returns real
language sql immutable parallel safe
as $$
  select case when p_request_type = 'embed' and p_params ->> 'on_long_text' is distinct from 'average' then 512 else 'infinity'::real end
$$;

revoke all on function @privschema@.most_read from public;
comment on function @privschema@.most_read is 'Tokens of an input that are read at most, estimated.';
