-- steadytext_cache_evict_by_frecency under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_evict_by_frecency(
  target_entries int default null, target_size_mb double precision default null, batch_size int default 100,
  min_access_count int default 2, min_age_hours int default 1)
returns table (evicted_count bigint, freed_size_mb double precision, remaining_entries bigint, remaining_size_mb double precision)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_cache_evict_by_frecency(target_entries, target_size_mb, batch_size,
    min_access_count, min_age_hours)
$$;

revoke all on function @extschema@.st_cache_evict_by_frecency from public;
comment on function @extschema@.st_cache_evict_by_frecency is 'Short for steadytext_cache_evict_by_frecency.';
