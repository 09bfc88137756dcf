-- steadytext_cache_get under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_get(cache_key text)
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_cache_get(cache_key)
$$;

revoke all on function @extschema@.st_cache_get from public;
comment on function @extschema@.st_cache_get is 'Short for steadytext_cache_get.';
