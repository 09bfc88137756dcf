-- As in sql/api/aliases, but in one row.
create or replace function @extschema@.st_cache_stats()
returns table (
  total_entries bigint, total_size_mb double precision, cache_hit_rate double precision, avg_access_count double precision,
  oldest_entry timestamptz, newest_entry timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_cache_stats()
$$;

revoke all on function @extschema@.st_cache_stats from public;
comment on function @extschema@.st_cache_stats is 'Short for steadytext_cache_stats.';
