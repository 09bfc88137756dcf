-- A limit or a retention as an administrator set it; who asks casts it to what the setting's unit is. A name without a
-- row is a mistake in our own code, or a lost row, which must not keep or drop anything: so it is an error.
create or replace function @privschema@.setting(p_name text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value text;
begin
  select s.value into v_value from @extschema@.steadytext_settings s where s.name = p_name;
  -- Not `strict` and its exception, which every call would pay a subtransaction for.
  if not found then
    raise exception 'The setting "%" should have a row in steadytext_settings, but has none', p_name
      using hint = 'Insert it again: the migrations tell the default.';
  end if;
  return v_value;
end
$$;

revoke all on function @privschema@.setting from public;
comment on function @privschema@.setting is 'Value of a setting.';
