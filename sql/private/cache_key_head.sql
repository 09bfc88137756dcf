-- What the keys of a call's requests have in common: all that changes a result but the input itself. `use_cache` changes none.
-- jsonb has one text for one value. The number at its head is this rule's: another rule finds no entry of this one.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.cache_key_head(p_request_type text, p_model text, p_params jsonb)
returns bytea
language sql immutable parallel safe
as $$
  select sha256(convert_to(jsonb_build_array(1, p_request_type, p_model, p_params - 'use_cache')::text, 'UTF8'))
$$;

revoke all on function @privschema@.cache_key_head from public;
comment on function @privschema@.cache_key_head is 'Digest of all that makes a request''s result, but its input.';
