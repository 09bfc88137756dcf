-- steadytext_model_status under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_model_status()
returns table (
  model text, kind text, model_loaded boolean, workers_loaded int, workers_total int, memory_bytes bigint, last_used timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_model_status()
$$;

revoke all on function @extschema@.st_model_status from public;
comment on function @extschema@.st_model_status is 'Short for steadytext_model_status.';
