-- How the cache does: of one's own requests, for administrators of all users'. Hits and misses count since the database was
-- migrated; entries and their size are those that count now.
create or replace function @extschema@.steadytext_cache_stats()
returns table (cache_type text, entry_count bigint, hit_count bigint, miss_count bigint, hit_rate numeric, cache_size_bytes bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return query select * from @privschema@.cache_figures();
end
$$;

revoke all on function @extschema@.steadytext_cache_stats from public;
comment on function @extschema@.steadytext_cache_stats is
  'Entries, hits, misses, share of hits (0 to 1) and size in octets of each type of kept results.';
