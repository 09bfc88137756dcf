-- steadytext_cache_preview_eviction under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_preview_eviction(preview_count int default 10)
returns table (cache_key text, cache_type text, model text, access_count bigint, last_accessed timestamptz, created_at timestamptz,
  age_days double precision, size_bytes bigint)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_cache_preview_eviction(preview_count)
$$;

revoke all on function @extschema@.st_cache_preview_eviction from public;
comment on function @extschema@.st_cache_preview_eviction is 'Short for steadytext_cache_preview_eviction.';
