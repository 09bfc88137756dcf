-- steadytext_config_reset under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_config_reset(config_key text)
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_config_reset(config_key)
$$;

revoke all on function @extschema@.st_config_reset from public;
comment on function @extschema@.st_config_reset is 'Short for steadytext_config_reset.';
