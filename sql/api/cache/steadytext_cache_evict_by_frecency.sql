-- The reference's name for evicting what was given seldom and long ago. What was given min_access_count times or more stays.
-- `batch_size` is taken and changes nothing: nobody waits for an eviction.
create or replace function @extschema@.steadytext_cache_evict_by_frecency(
  target_entries int default null, target_size_mb double precision default null, batch_size int default 100,
  min_access_count int default 2, min_age_hours int default 1)
returns table (evicted_count bigint, freed_size_mb double precision, remaining_entries bigint, remaining_size_mb double precision)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  perform @privschema@.check_eviction(null, target_size_mb::numeric, 'frecency', min_age_hours, target_entries, batch_size);
  if min_access_count < 0 then
    perform @privschema@.raise_option('min_access_count', '0 or more', min_access_count::text, 'Leave it out for 2.');
  end if;
  return query
    select * from @privschema@.evict_types(null, 'frecency', (target_size_mb * 1048576)::bigint, target_entries, min_age_hours,
      min_access_count);
end
$$;

revoke all on function @extschema@.steadytext_cache_evict_by_frecency from public;
comment on function @extschema@.steadytext_cache_evict_by_frecency is
  'Evicts kept results, seldom and long ago given ones first, down to a number or a size; gives what went and what is left.';
