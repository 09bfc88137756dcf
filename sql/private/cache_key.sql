-- sha256 (hex) of a call's head, 32 octets, and an input. No pinned search_path, so that it is inlined; it runs under that of its
-- callers.
create or replace function @privschema@.cache_key(p_head bytea, p_input text)
returns text
language sql immutable parallel safe
as $$
  select encode(sha256(p_head || convert_to(p_input, 'UTF8')), 'hex')
$$;

revoke all on function @privschema@.cache_key from public;
comment on function @privschema@.cache_key is 'Key of a request: equal for two that must come to the same.';
