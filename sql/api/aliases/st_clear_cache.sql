-- steadytext_clear_cache under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_clear_cache(cache_type text default 'all')
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_clear_cache(cache_type)
$$;

revoke all on function @extschema@.st_clear_cache from public;
comment on function @extschema@.st_clear_cache is 'Short for steadytext_clear_cache.';
