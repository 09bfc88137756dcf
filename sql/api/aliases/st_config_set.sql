-- steadytext_config_set under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_config_set(config_key text, config_value text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @extschema@.steadytext_config_set(config_key, config_value);
end
$$;

revoke all on function @extschema@.st_config_set from public;
comment on function @extschema@.st_config_set is 'Short for steadytext_config_set.';
