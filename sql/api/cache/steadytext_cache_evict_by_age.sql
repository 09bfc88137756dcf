-- The reference's name for evicting the oldest first. `batch_size` is taken and changes nothing: nobody waits for an eviction.
create or replace function @extschema@.steadytext_cache_evict_by_age(
  target_entries int default null, target_size_mb double precision default null, batch_size int default 100,
  min_age_hours int default 1)
returns table (evicted_count bigint, freed_size_mb double precision, remaining_entries bigint, remaining_size_mb double precision)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  perform @privschema@.check_eviction(null, target_size_mb::numeric, 'fifo', min_age_hours, target_entries, batch_size);
  return query
    select * from @privschema@.evict_types(null, 'fifo', (target_size_mb * 1048576)::bigint, target_entries, min_age_hours);
end
$$;

revoke all on function @extschema@.steadytext_cache_evict_by_age from public;
comment on function @extschema@.steadytext_cache_evict_by_age is
  'Evicts kept results, the oldest first, down to a number or a size; gives what went and what is left.';
