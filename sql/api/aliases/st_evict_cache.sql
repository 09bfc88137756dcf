-- steadytext_evict_cache under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_evict_cache(
  cache_type text default null, target_memory_mb int default null, eviction_strategy text default 'frecency',
  min_age_hours int default 0)
returns table (evicted_count bigint, freed_size_mb double precision, remaining_entries bigint, remaining_size_mb double precision)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_evict_cache(cache_type, target_memory_mb, eviction_strategy, min_age_hours)
$$;

revoke all on function @extschema@.st_evict_cache from public;
comment on function @extschema@.st_evict_cache is 'Short for steadytext_evict_cache.';
