-- Whether a list has a value, an object a name, or a text another one.
create or replace function @privschema@.contains_value(p_whole jsonb, p_part jsonb, p_place text)
returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  case coalesce(jsonb_typeof(p_whole), 'undefined')
    when 'undefined' then
      return false;
    when 'object' then
      if jsonb_typeof(p_part) in ('array', 'object') then
        perform @privschema@.refuse_render(p_place, format('an object has names, and %s is none', @privschema@.type_name(p_part)));
      end if;
      return coalesce(jsonb_typeof(p_part) = 'string', false) and p_whole ? (p_part #>> '{}');
    when 'array' then
      return exists (select from jsonb_array_elements(p_whole) as e (value) where @privschema@.values_equal(e.value, p_part));
    when 'string' then
      if jsonb_typeof(p_part) = 'string' then
        perform @privschema@.check_sought(p_part #>> '{}', 1000, p_place);
        return strpos((p_whole #>> '{}') collate "C", p_part #>> '{}') > 0;
      end if;
      perform @privschema@.refuse_render(p_place, format('a text has other texts in it, not %s',
        @privschema@.type_name(p_part)));
    else
      perform @privschema@.refuse_render(p_place, format('"in" should be asked of a list, an object or a text, not of %s',
        @privschema@.type_name(p_whole)));
  end case;
  return null;
end
$$;

revoke all on function @privschema@.contains_value from public;
comment on function @privschema@.contains_value is 'Whether a value is in another one.';
