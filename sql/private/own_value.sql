-- What a session says of a setting that is a user's to choose, by SET, PGOPTIONS, ALTER ROLE or ALTER DATABASE, if the setting can
-- be that.
create or replace function @privschema@.own_value(p_name text, p_value text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row @extschema@.steadytext_settings := @privschema@.known_setting(p_name);
  v_value text := @privschema@.canonical_value(p_value, v_row.unit);
begin
  if not @privschema@.fits_unit(v_value, v_row.unit, v_row.lowest, v_row.highest, v_row.choices) then
    perform @privschema@.raise_option('steadytext.' || p_name,
      @privschema@.expected_value(v_row.unit, v_row.lowest, v_row.highest, v_row.choices), to_json(p_value)::text,
      format('Set it anew in this session, or: reset steadytext.%s. It may come from the options of the connection, the role or the database.',
             p_name));
  end if;
  return v_value;
end
$$;

revoke all on function @privschema@.own_value from public;
comment on function @privschema@.own_value is 'A session''s own value of a setting; raises for one that it cannot have.';
