-- A retention as an administrator set it. Strict, like setting_number: a lost row must not keep or drop anything.
create or replace function @privschema@.setting_interval(p_name text)
returns interval
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value text;
begin
  select s.value into strict v_value from @extschema@.steadytext_settings s where s.name = p_name;
  return v_value::interval;
exception when no_data_found then
  raise exception 'The setting "%" should have a row in steadytext_settings, but has none', p_name
    using hint = 'Insert it again: the migrations tell the default.';
end
$$;

revoke all on function @privschema@.setting_interval from public;
comment on function @privschema@.setting_interval is 'Value of a setting that is an interval.';
