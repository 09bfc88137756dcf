-- Writes down what a type of the cache holds now, and what has just been evicted of it. Called by whoever has the turn to evict.
create or replace function @privschema@.note_cache_size(
  p_cache_type text, p_entries bigint, p_bytes bigint, p_evicted bigint, p_freed bigint)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update @privschema@.cache_sizes s
  set entries = p_entries, entry_bytes = p_bytes, evicted_entries = s.evicted_entries + p_evicted,
      evicted_bytes = s.evicted_bytes + p_freed, counted_at = clock_timestamp()
  where s.cache_type = p_cache_type
$$;

revoke all on function @privschema@.note_cache_size from public;
comment on function @privschema@.note_cache_size is 'Writes down what the cache holds, and what was evicted.';
