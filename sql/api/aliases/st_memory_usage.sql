-- steadytext_memory_usage under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_memory_usage()
returns table (used_memory_mb double precision, total_memory_mb double precision)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_memory_usage()
$$;

revoke all on function @extschema@.st_memory_usage from public;
comment on function @extschema@.st_memory_usage is 'Short for steadytext_memory_usage.';
