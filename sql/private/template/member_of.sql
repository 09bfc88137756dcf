-- A member of an object by its name, an item of a list or a character of a text by its number, from the end if that is negative.
-- What is not there is undefined; of what is undefined itself nothing can be asked.
create or replace function @privschema@.member_of(p_value jsonb, p_key jsonb, p_place text, p_path text)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type text := jsonb_typeof(p_value);
  v_number numeric;
  v_text text;
begin
  if p_value is null then
    perform @privschema@.refuse_render(p_place, format('%s is undefined, and so has no %s', coalesce(p_path, 'the value'),
      coalesce(left(p_key::text, 100), 'member')));
  elsif v_type = 'object' and jsonb_typeof(p_key) = 'string' then
    return p_value -> (p_key #>> '{}');
  elsif v_type in ('array', 'string') and jsonb_typeof(p_key) = 'number' then
    v_number := (p_key #>> '{}')::numeric;
    if scale(v_number) > 0 or abs(v_number) > 100000000 then
      return null;
    elsif v_type = 'array' then
      return p_value -> v_number::int;
    end if;
    v_text := p_value #>> '{}';
    v_number := case when v_number < 0 then v_number + length(v_text) else v_number end;
    return case when v_number >= 0 and v_number < length(v_text) then to_jsonb(substr(v_text, v_number::int + 1, 1)) end;
  end if;
  return null;
end
$$;

revoke all on function @privschema@.member_of from public;
comment on function @privschema@.member_of is 'A member of an object, an item of a list or a character of a text.';
