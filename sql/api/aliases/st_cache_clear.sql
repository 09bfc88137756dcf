-- steadytext_cache_clear under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_clear()
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_cache_clear()
$$;

revoke all on function @extschema@.st_cache_clear from public;
comment on function @extschema@.st_cache_clear is 'Short for steadytext_cache_clear.';
