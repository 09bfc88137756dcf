-- The idempotency key of each request of a call: the caller's own for a single one, numbered for a batch after a control
-- character, which check_schedule refuses in a caller's key: so no key of a single request is ever one of a batch.
create or replace function @privschema@.request_keys(p_idempotency_key text, p_inputs int, p_is_batch boolean)
returns text[]
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_is_batch then array(select p_idempotency_key || E'\x1f' || n from generate_series(1, p_inputs) n)
    else array[p_idempotency_key]
  end
$$;

revoke all on function @privschema@.request_keys from public;
comment on function @privschema@.request_keys is 'Idempotency keys of the requests of one call.';
