-- How the cache does: of one's own requests, for administrators of all users'. Hits and misses count since the database was
-- migrated; entries and their size are those that count now.
create or replace function @extschema@.steadytext_cache_stats()
returns table (cache_type text, entry_count bigint, hit_count bigint, miss_count bigint, hit_rate numeric, cache_size_bytes bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select t.cache_type, coalesce(e.entries, 0), t.hit_count, t.miss_count,
           round(t.hit_count::numeric / nullif(t.hit_count + t.miss_count, 0), 4), coalesce(e.bytes, 0)
    from @privschema@.cache_totals t
    left join (
      select c.cache_type, count(*) as entries, sum(c.entry_bytes)::bigint as bytes
      from @extschema@.steadytext_cache c
      group by c.cache_type
    ) e on e.cache_type = t.cache_type
    order by t.cache_type;
end
$$;

revoke all on function @extschema@.steadytext_cache_stats from public;
comment on function @extschema@.steadytext_cache_stats is
  'Entries, hits, misses, share of hits (0 to 1) and size in octets of each type of kept results.';
