-- steadytext_config_get under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_config_get(config_key text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_config_get(config_key)
$$;

revoke all on function @extschema@.st_config_get from public;
comment on function @extschema@.st_config_get is 'Short for steadytext_config_get.';
