-- The value of a setting that counts for the whole fleet. Limits are no secret: who meets one is told it.
create or replace function @extschema@.steadytext_config_get(config_key text)
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (@privschema@.known_setting(config_key)).value;
end
$$;

revoke all on function @extschema@.steadytext_config_get from public;
comment on function @extschema@.steadytext_config_get is 'Value of a setting, by its name with or without "steadytext.".';
