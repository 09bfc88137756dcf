-- The door to settings that works everywhere. What is set here counts, whatever ALTER DATABASE says, also where it is the value that
-- there was: from then on it is an administrator's.
create or replace function @extschema@.steadytext_config_set(config_key text, config_value text)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_row @extschema@.steadytext_settings := @privschema@.known_setting(config_key);
begin
  update @extschema@.steadytext_settings s
  set value = config_value, source = 'config_set', updated_at = clock_timestamp()
  where s.name = v_row.name and (s.value is distinct from config_value or s.source <> 'config_set');
  if not v_row.has_effect then
    raise notice '% is kept, but nothing reads it in this release', v_row.name;
  end if;
end
$$;

revoke all on function @extschema@.steadytext_config_set from public;
comment on function @extschema@.steadytext_config_set is 'Sets a setting, by its name with or without "steadytext.".';
