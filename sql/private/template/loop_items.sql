-- What a loop goes through: the items of a list, the names of an object, the characters of a text, nothing of what is undefined;
-- with `items`, pairs of the names and values of an object.
create or replace function @privschema@.loop_items(p_value jsonb, p_is_items boolean, p_place text)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type text := coalesce(jsonb_typeof(p_value), 'undefined');
begin
  if p_is_items then
    if v_type <> 'object' then
      perform @privschema@.refuse_render(p_place,
        format('.items() should be asked of an object, not of %s', @privschema@.type_name(p_value)));
    end if;
    return coalesce((select jsonb_agg(jsonb_build_array(e.key, e.value)) from jsonb_each(p_value) as e), '[]');
  end if;
  case v_type
    when 'array' then return p_value;
    when 'undefined' then return '[]'::jsonb;
    when 'object' then return coalesce((select jsonb_agg(k.key) from jsonb_object_keys(p_value) as k (key)), '[]');
    when 'string' then return to_jsonb(string_to_array(p_value #>> '{}', null));
    else
      perform @privschema@.refuse_render(p_place, format('a list, an object or a text should be gone through, not %s',
        @privschema@.type_name(p_value)));
  end case;
  return null;
end
$$;

revoke all on function @privschema@.loop_items from public;
comment on function @privschema@.loop_items is 'What a loop goes through.';
