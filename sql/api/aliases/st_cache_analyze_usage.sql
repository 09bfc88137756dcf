-- steadytext_cache_analyze_usage under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_analyze_usage()
returns table (age_bucket text, entry_count bigint, avg_access_count double precision, total_size_mb double precision,
  percentage_of_cache double precision)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_cache_analyze_usage()
$$;

revoke all on function @extschema@.st_cache_analyze_usage from public;
comment on function @extschema@.st_cache_analyze_usage is 'Short for steadytext_cache_analyze_usage.';
