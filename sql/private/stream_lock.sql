-- The advisory lock of this transaction's streams, one for all of them, taken and held until its end: by it others see that somebody may still
-- read. Nobody can guess its number.
create or replace function @privschema@.stream_lock()
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key bigint := ('x' || left(@privschema@.sync_mac('stream', pg_backend_pid() || ' ' || now()), 16))::bit(64)::bigint;
begin
  perform pg_try_advisory_xact_lock(v_key);
  return v_key;
end
$$;

revoke all on function @privschema@.stream_lock from public;
comment on function @privschema@.stream_lock is 'Takes the advisory lock of this transaction''s streams; gives its number.';
