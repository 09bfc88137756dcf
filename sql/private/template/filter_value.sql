-- What a filter makes of a value. Filters of texts take every value as it would be put out.
create or replace function @privschema@.filter_value(p_name text, p_value jsonb, p_arguments jsonb[], p_place text)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type text := coalesce(jsonb_typeof(p_value), 'undefined');
  v_text text := case when p_name not in ('default', 'length', 'join', 'tojson', 'first', 'last')
    then @privschema@.value_text(p_value) end;
begin
  case p_name
    when 'default' then
      return case when p_value is null or (@privschema@.is_true(p_arguments[2]) and not @privschema@.is_true(p_value))
        then case when cardinality(p_arguments) > 0 then p_arguments[1] else '""' end else p_value end;
    when 'upper' then
      return to_jsonb(upper(v_text));
    when 'lower' then
      return to_jsonb(lower(v_text));
    when 'capitalize' then
      return to_jsonb(upper(left(v_text, 1)) || lower(substr(v_text, 2)));
    when 'title' then
      return to_jsonb(coalesce((
        select string_agg(upper(left(w.m[1], 1)) || lower(substr(w.m[1], 2)), '' order by w.n)
        from regexp_matches(v_text, E'[-\\s({\\[<]+|[^-\\s({\\[<]+', 'g') with ordinality as w (m, n)), ''));
    when 'trim' then
      perform @privschema@.check_sought(p_arguments[1] #>> '{}', 100, p_place);
      return to_jsonb(btrim(v_text, case when coalesce(p_arguments[1], 'null') = 'null' then @privschema@.space_characters()
        else @privschema@.value_text(p_arguments[1]) end));
    when 'replace' then
      return to_jsonb(@privschema@.replaced_text(v_text, p_arguments, p_place));
    when 'join' then
      return to_jsonb(@privschema@.joined_text(p_value, @privschema@.value_text(p_arguments[1]), p_place));
    when 'tojson' then
      if p_value is null then
        perform @privschema@.refuse_render(p_place, 'what is undefined cannot be written as JSON');
      end if;
      return to_jsonb(@privschema@.value_json(p_value));
    when 'length' then
      return case v_type when 'undefined' then '0' when 'string' then to_jsonb(length(p_value #>> '{}'))
        else to_jsonb(jsonb_array_length(@privschema@.loop_items(p_value, false, p_place))) end;
    when 'first' then
      return case v_type when 'string' then to_jsonb(nullif(left(p_value #>> '{}', 1), ''))
        else @privschema@.loop_items(p_value, false, p_place) -> 0 end;
    else
      return case v_type when 'string' then to_jsonb(nullif(right(p_value #>> '{}', 1), ''))
        else @privschema@.loop_items(p_value, false, p_place) -> -1 end;
  end case;
end
$$;

revoke all on function @privschema@.filter_value from public;
comment on function @privschema@.filter_value is 'What a filter makes of a value.';
