-- steadytext_cache_stats under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_stats()
returns table (cache_type text, entry_count bigint, hit_count bigint, miss_count bigint, hit_rate numeric, cache_size_bytes bigint)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_cache_stats()
$$;

revoke all on function @extschema@.st_cache_stats from public;
comment on function @extschema@.st_cache_stats is 'Short for steadytext_cache_stats.';
