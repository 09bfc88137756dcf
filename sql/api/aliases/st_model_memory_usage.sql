-- steadytext_model_memory_usage under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_model_memory_usage()
returns table (
  model text, kind text, format text, worker_id uuid, worker text, engine int, memory_bytes bigint, last_used timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_model_memory_usage()
$$;

revoke all on function @extschema@.st_model_memory_usage from public;
comment on function @extschema@.st_model_memory_usage is 'Short for steadytext_model_memory_usage.';
