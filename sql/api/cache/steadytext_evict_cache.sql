-- Evicts kept results of all users, by hand or from pg_cron. Null for the type: all types, each down to its share of the target by what
-- it holds. Null for the target: the sizes of the settings. One eviction at a time: a second one does nothing and says so.
create or replace function @extschema@.steadytext_evict_cache(
  cache_type text default null, target_memory_mb int default null, eviction_strategy text default 'frecency',
  min_age_hours int default 0)
returns table (evicted_count bigint, freed_size_mb double precision, remaining_entries bigint, remaining_size_mb double precision)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  perform @privschema@.check_eviction(cache_type, target_memory_mb, eviction_strategy, min_age_hours);
  return query
    select * from @privschema@.evict_types(cache_type, eviction_strategy, target_memory_mb * 1048576::bigint, null, min_age_hours);
end
$$;

revoke all on function @extschema@.steadytext_evict_cache from public;
comment on function @extschema@.steadytext_evict_cache is
  'Evicts kept results by frecency, lru, lfu, fifo or ttl down to a size in MB; gives what went and what is left.';
