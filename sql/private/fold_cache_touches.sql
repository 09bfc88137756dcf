-- Adds up who looked into the cache and what was found, which hits have only written down: one update of an entry for all its hits.
-- Called by whoever has the turn to evict.
create or replace function @privschema@.fold_cache_touches()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  with taken as (
    delete from @privschema@.cache_touches returning user_id, cache_type, entry_ids, misses, touched_at
  ), counted as (
    insert into @privschema@.cache_counts as c (user_id, cache_type, hits, misses)
    select t.user_id, t.cache_type, sum(coalesce(cardinality(t.entry_ids), 0)), sum(t.misses)
    from taken t
    group by t.user_id, t.cache_type
    on conflict on constraint cache_counts_pkey do update set
      hits = c.hits + excluded.hits, misses = c.misses + excluded.misses
  )
  update @extschema@.steadytext_cache_entries e
  set access_count = e.access_count + h.hits, last_accessed = greatest(e.last_accessed, h.touched_at)
  from (
    select i.entry_id, count(*) as hits, max(t.touched_at) as touched_at
    from taken t, unnest(t.entry_ids) as i (entry_id)
    group by i.entry_id
  ) h
  where e.id = h.entry_id;
end
$$;

revoke all on function @privschema@.fold_cache_touches from public;
comment on function @privschema@.fold_cache_touches is 'Adds up hits and misses since the last time.';
