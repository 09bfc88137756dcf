-- Evicts entries of one type, which holds so many octets and entries, until no more than the targets are left: what counts no more
-- whatever is left, then by the strategy. Readers wait for nothing; a worker that settles the request of an evicted entry waits a
-- quarter of a second at most (keep_results). `ttl` evicts nothing but what counts no more. What is younger than the least age stays,
-- and what was given so often, where a number is named.
create or replace function @privschema@.evict_entries(
  p_cache_type text, p_strategy text, p_bytes bigint, p_entries bigint, p_target_bytes bigint, p_target_entries bigint,
  p_least_age interval, p_given_often bigint)
returns table (evicted_count bigint, freed_bytes bigint, remaining_entries bigint, remaining_bytes bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_began timestamptz := clock_timestamp();
begin
  with ranked as (
    select e.id, e.entry_bytes, e.counts,
           row_number() over w as place, sum(e.entry_bytes) over w - e.entry_bytes as freed_before
    from @privschema@.cache_states e
    where e.cache_type = p_cache_type and (not e.counts
      or e.created_at <= v_began - p_least_age and coalesce(e.access_count < p_given_often, true))
    window w as (order by e.counts,
      @privschema@.eviction_order(p_strategy, e.access_count, e.last_accessed, e.created_at), e.id rows unbounded preceding)
  ), deleted as (
    delete from @extschema@.steadytext_cache_entries d
    using ranked r
    where d.id = r.id and (not r.counts or p_strategy <> 'ttl'
      and (r.place <= p_entries - p_target_entries or r.freed_before < p_bytes - p_target_bytes))
    returning d.entry_bytes
  )
  select count(*), coalesce(sum(d.entry_bytes), 0) into evicted_count, freed_bytes from deleted d;
  remaining_entries := p_entries - evicted_count;
  remaining_bytes := p_bytes - freed_bytes;
  if evicted_count > 0 then
    insert into @extschema@.steadytext_eviction_log
      (cache_type, eviction_strategy, entries_before, entries_after, bytes_freed, duration_ms)
    values (p_cache_type, p_strategy, p_entries, remaining_entries, freed_bytes,
      (date_part('epoch', clock_timestamp() - v_began) * 1000)::int);
    perform @privschema@.log_cache(format('%s entries of %s evicted by %s, %s octets freed, %s entries left', evicted_count,
      p_cache_type, p_strategy, freed_bytes, remaining_entries));
  end if;
  return next;
end
$$;

revoke all on function @privschema@.evict_entries from public;
comment on function @privschema@.evict_entries is 'Evicts entries of a type down to a size and a number; gives what went and what is left.';
