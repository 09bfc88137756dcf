-- The cache in one row, as the reference has it: of one's own requests, for administrators of all users'.
create or replace function @extschema@.steadytext_cache_stats()
returns table (
  total_entries bigint, total_size_mb double precision, cache_hit_rate double precision, avg_access_count double precision,
  oldest_entry timestamptz, newest_entry timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select e.entries, e.bytes / 1048576.0::double precision, coalesce(t.hits / nullif(t.hits + t.misses, 0), 0), e.accesses, e.oldest, e.newest
    from (
      select count(*) as entries, coalesce(sum(c.entry_bytes), 0)::double precision as bytes,
             coalesce(avg(c.access_count), 0)::double precision as accesses, min(c.created_at) as oldest, max(c.created_at) as newest
      from @extschema@.steadytext_cache c
    ) e
    cross join (
      select sum(s.hit_count)::double precision as hits, sum(s.miss_count)::double precision as misses
      from @privschema@.cache_totals s
    ) t;
end
$$;

revoke all on function @extschema@.steadytext_cache_stats from public;
comment on function @extschema@.steadytext_cache_stats is 'The cache in one row: entries, size, share of hits (0 to 1), mean reads of an entry, and from when to when entries are.';
