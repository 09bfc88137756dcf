-- The row of a setting by its name, with or without "steadytext." before it, in letters of any case, as PostgreSQL takes names of
-- parameters.
create or replace function @privschema@.known_setting(p_key text)
returns @extschema@.steadytext_settings
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text := regexp_replace(lower(p_key collate "C"), '^steadytext[.]', '');
  v_row @extschema@.steadytext_settings;
begin
  select s.* into v_row from @extschema@.steadytext_settings s where s.name = v_name;
  if not found then
    perform @privschema@.raise_option('config_key', 'the name of a setting', to_json(p_key)::text,
      coalesce('Did you mean ' || @privschema@.nearest_setting(v_name) || '? ', '')
        || 'steadytext_config_list() has all names.');
  end if;
  return v_row;
end
$$;

revoke all on function @privschema@.known_setting from public;
comment on function @privschema@.known_setting is 'The row of a setting by its name; raises for an unknown one.';
