-- Takes back what an administrator set: what the database says counts again, at once, else the default.
create or replace function @extschema@.steadytext_config_reset(config_key text)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_row @extschema@.steadytext_settings := @privschema@.known_setting(config_key);
begin
  update @extschema@.steadytext_settings s
  set value = s.default_value, source = 'default', updated_at = clock_timestamp()
  where s.name = v_row.name and s.source = 'config_set';
  perform from @privschema@.mirror_settings(v_row.name);
  return (@privschema@.known_setting(v_row.name)).value;
end
$$;

revoke all on function @extschema@.steadytext_config_reset from public;
comment on function @extschema@.steadytext_config_reset is
  'Takes back what steadytext_config_set said of a setting; gives the value that counts now.';
