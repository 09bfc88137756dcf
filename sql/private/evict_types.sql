-- Evicts one type, or all of them: each down to its share of the target, or to what the settings leave it. Holds the turn until the
-- transaction ends; where another eviction has it, this one gives no row.
create or replace function @privschema@.evict_types(
  p_cache_type text, p_strategy text, p_target_bytes bigint, p_target_entries bigint, p_min_age_hours int,
  p_given_often bigint default null)
returns table (evicted_count bigint, freed_size_mb double precision, remaining_entries bigint, remaining_size_mb double precision)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_from_settings boolean := p_target_bytes is null and p_target_entries is null;
  v_type record;
  v_done record;
  v_freed bigint := 0;
  v_remaining bigint := 0;
begin
  if not @privschema@.take_eviction_turn() then
    raise notice 'Another eviction is running, so this one does nothing';
    return;
  end if;
  perform @privschema@.fold_cache_touches();
  evicted_count := 0;
  remaining_entries := 0;
  for v_type in
    select t.name, coalesce(h.bytes::numeric / nullif(sum(h.bytes) over (), 0), 0) as share,
           coalesce(h.entries, 0) as entries, coalesce(h.bytes, 0) as bytes,
           coalesce(h.entries::numeric / nullif(sum(h.entries) over (), 0), 0) as share_of_entries
    from unnest(array['generation', 'embedding', 'reranking']) as t (name)
    left join (
      select e.cache_type, sum(e.entry_bytes) as bytes, count(*) as entries
      from @extschema@.steadytext_cache_entries e group by e.cache_type
    ) h on h.cache_type = t.name
    where t.name = coalesce(p_cache_type, t.name)
  loop
    select * into strict v_done from @privschema@.evict_entries(v_type.name, p_strategy, v_type.bytes, v_type.entries,
      case when v_from_settings then least(pg_size_bytes(@privschema@.setting(v_type.name || '_cache_size')),
          (pg_size_bytes(@privschema@.setting('cache_memory_target')) * v_type.share)::bigint)
        else (p_target_bytes * v_type.share)::bigint end,
      case when v_from_settings then @privschema@.setting('cache_max_entries')::bigint
        else (p_target_entries * v_type.share_of_entries)::bigint end,
      make_interval(hours => p_min_age_hours), p_given_often);
    perform @privschema@.note_cache_size(v_type.name, v_done.remaining_entries, v_done.remaining_bytes, v_done.evicted_count,
      v_done.freed_bytes);
    evicted_count := evicted_count + v_done.evicted_count;
    remaining_entries := remaining_entries + v_done.remaining_entries;
    v_freed := v_freed + v_done.freed_bytes;
    v_remaining := v_remaining + v_done.remaining_bytes;
  end loop;
  freed_size_mb := round(v_freed / 1048576.0, 3);
  remaining_size_mb := round(v_remaining / 1048576.0, 3);
  return next;
end
$$;

revoke all on function @privschema@.evict_types from public;
comment on function @privschema@.evict_types is 'Evicts entries of one type or all; gives what went and what is left.';
