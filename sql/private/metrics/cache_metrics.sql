-- Counters and gauges of the cache. Looks that are not yet added up are left out: after a crash of the server they are lost, and
-- a counter may not go down.
create or replace function @privschema@.cache_metrics()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with types as materialized (
    select z.cache_type, @privschema@.metric_labels(array['cache_type', z.cache_type]) as labels, z.entries, z.entry_bytes,
           z.evicted_entries, z.evicted_bytes, coalesce(c.hits, 0) as hits, coalesce(c.misses, 0) as misses
    from @privschema@.cache_sizes z
    left join (
      select n.cache_type, sum(n.hits) as hits, sum(n.misses) as misses from @privschema@.cache_counts n group by n.cache_type
    ) c on c.cache_type = z.cache_type
  )
  select string_agg(@privschema@.metric_text(f.family, f.kind, f.help, f.samples), '' order by f.place)
  from (
    select s.place, s.family, s.kind, s.help,
           string_agg(format(E'%s%s %s\n', s.family, s.labels, s.value), '' order by s.labels) filter (where s.value is not null) as samples
    from types t
    cross join lateral (values
      (1, 'steadytext_cache_lookups_total', 'counter', 'Looks into the cache, by what was found.',
       @privschema@.metric_labels(array['cache_type', t.cache_type, 'result', 'hit']), t.hits),
      (1, 'steadytext_cache_lookups_total', 'counter', 'Looks into the cache, by what was found.',
       @privschema@.metric_labels(array['cache_type', t.cache_type, 'result', 'miss']), t.misses),
      (2, 'steadytext_cache_hit_rate', 'gauge', 'Share of all looks that found something, 0 to 1.', t.labels,
       round(t.hits / nullif(t.hits + t.misses, 0), 6)),
      (3, 'steadytext_cache_entries', 'gauge', 'Kept results, when they were last counted.', t.labels, t.entries),
      (4, 'steadytext_cache_size_bytes', 'gauge', 'Size of kept results, when they were last counted.', t.labels, t.entry_bytes),
      (5, 'steadytext_cache_evicted_entries_total', 'counter', 'Kept results that were evicted.', t.labels, t.evicted_entries),
      (6, 'steadytext_cache_evicted_bytes_total', 'counter', 'Size of kept results that were evicted.', t.labels, t.evicted_bytes)
    ) as s (place, family, kind, help, labels, value)
    group by s.place, s.family, s.kind, s.help
  ) f
$$;

revoke all on function @privschema@.cache_metrics from public;
comment on function @privschema@.cache_metrics is 'Metrics of the cache, as text.';
