-- steadytext_system_status under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_system_status()
returns table (
  worker_id uuid, worker text, host text, state text, model_size_mb double precision, memory_mb double precision, engines int,
  running int, version text, started_at timestamptz, last_heartbeat timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_system_status()
$$;

revoke all on function @extschema@.st_system_status from public;
comment on function @extschema@.st_system_status is 'Short for steadytext_system_status.';
