-- The part of an expression that comes behind a value. What Jinja2 has and this does not is refused by its name.
create or replace function @privschema@.read_operator(
  p_kinds text[], p_texts text[], p_places text[], p_at int, out part jsonb, out taken int)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text text := p_texts[p_at];
  v_next text := coalesce(p_texts[p_at + 1], 'the end of the tag');
  v_place text := p_places[p_at]; v_after text := coalesce(p_places[p_at + 1], v_place); v_is_not boolean := v_next = 'not';
begin
  taken := 2;
  if v_text = '.' and (p_kinds[p_at + 1] = 'name' and not starts_with(v_next, '__')
    or p_kinds[p_at + 1] = 'number' and v_next ~ '^(0|[1-9][0-9]{0,8})$') then
    part := jsonb_build_object('role', 'behind', 'tight', true, 'name', v_next, 'place', v_place, 'code',
      jsonb_build_array('member', case p_kinds[p_at + 1] when 'name' then to_jsonb(v_next) else v_next::jsonb end, v_place));
  elsif v_text = '.' then
    perform @privschema@.refuse_template(v_place,
      format('behind the point should stand a name that does not begin with __, not "%s"', left(v_next, 100)));
  elsif v_text = '[' then
    taken := 1;
    part := jsonb_build_object('role', 'open', 'tight', true, 'kind', 'item', 'place', v_place);
  elsif v_text = '|' then
    if (@privschema@.filter_arguments(v_next)).fewest is null then
      perform @privschema@.refuse_template(v_after, format('behind "|" should stand a filter that is supported, not "%s"', v_next));
    end if;
    taken := case p_texts[p_at + 2] when '(' then 3 else 2 end;
    if taken = 2 and (@privschema@.filter_arguments(v_next)).fewest > 0 then
      perform @privschema@.refuse_template(v_after, format('the filter "%s" needs arguments', v_next));
    end if;
    part := jsonb_build_object('role', case taken when 3 then 'open' else 'behind' end, 'kind', 'filter', 'name', v_next,
      'place', v_after, 'code', jsonb_build_array('filter', jsonb_build_array(v_next, 0), v_after));
  elsif v_text = 'is' then
    taken := case when v_is_not then 3 else 2 end;
    if coalesce(p_texts[p_at + taken - 1], '') <> 'defined' then
      perform @privschema@.refuse_template(v_place, format('behind "is" should stand "defined" or "not defined", not "%s"',
        coalesce(nullif(array_to_string(p_texts[p_at + 1:p_at + taken - 1], ' '), ''), 'the end of the tag')));
    end if;
    part := jsonb_build_object('role', 'behind',
      'code', jsonb_build_array(case when v_is_not then 'missing' else 'defined' end));
  elsif v_text in ('==', '!=', '<', '<=', '>', '>=', 'in') or (v_text = 'not' and v_next = 'in') then
    taken := case v_text when 'not' then 2 else 1 end;
    part := jsonb_build_object('role', 'infix', 'kind', case v_text when 'not' then 'not in' else v_text end, 'rank', 4,
      'place', v_place);
  elsif v_text in ('and', 'or', ',', ')', ']') then
    taken := 1;
    part := jsonb_build_object(
      'role', case v_text when ',' then 'comma' when ')' then 'close' when ']' then 'close' else 'infix' end,
      'kind', v_text, 'rank', case v_text when 'and' then 2 else 1 end, 'place', v_place);
  else
    perform @privschema@.refuse_template(v_place, case when v_text = '(' then 'calls are not supported, but for .items() of a for'
      when v_text ~ '^[-+*/%~]' then format('the operator "%s" is not supported', v_text)
      when v_text = 'if' then '"if" inside of an expression is not supported: use {% if %}'
      when v_text = ':' then 'parts of lists and texts ([a:b]) are not supported'
      when v_text = '=' then 'arguments by name are not supported'
      else format('"%s" should not stand here', left(v_text, 100)) end);
  end if;
end
$$;

revoke all on function @privschema@.read_operator from public;
comment on function @privschema@.read_operator is 'The part of an expression that comes behind a value.';
