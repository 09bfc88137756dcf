-- A limit as an administrator set it. A name without a row is a mistake in our own code, and says so.
create or replace function @privschema@.setting_number(p_name text)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value text;
begin
  select s.value into strict v_value from @extschema@.steadytext_settings s where s.name = p_name;
  return v_value::int;
exception when no_data_found then
  raise exception 'The setting "%" should have a row in steadytext_settings, but has none', p_name
    using hint = 'Insert it again: the migrations tell the default.';
end
$$;

revoke all on function @privschema@.setting_number from public;
comment on function @privschema@.setting_number is 'Value of a numeric setting.';
