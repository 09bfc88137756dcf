-- steadytext_config_sync under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_config_sync()
returns table (name text, value text, outcome text, detail text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_config_sync()
$$;

revoke all on function @extschema@.st_config_sync from public;
comment on function @extschema@.st_config_sync is 'Short for steadytext_config_sync.';
