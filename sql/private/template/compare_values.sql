-- A comparison of an expression. Order is there between numbers (true is 1, false 0) and between texts, by the numbers of their
-- characters; lists and all else that Python orders or not are refused.
create or replace function @privschema@.compare_values(p_operator text, p_left jsonb, p_right jsonb, p_place text)
returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_order int;
begin
  case p_operator
    when '==' then return @privschema@.values_equal(p_left, p_right);
    when '!=' then return not @privschema@.values_equal(p_left, p_right);
    when 'in' then return @privschema@.contains_value(p_right, p_left, p_place);
    when 'not in' then return not @privschema@.contains_value(p_right, p_left, p_place);
    else null;
  end case;
  if jsonb_typeof(p_left) = 'string' and jsonb_typeof(p_right) = 'string' then
    v_order := case when (p_left #>> '{}') collate "C" < (p_right #>> '{}') then -1 when p_left = p_right then 0 else 1 end;
  elsif jsonb_typeof(p_left) in ('number', 'boolean') and jsonb_typeof(p_right) in ('number', 'boolean') then
    v_order := sign(case p_left when 'true' then 1 when 'false' then 0 else (p_left #>> '{}')::numeric end
      - case p_right when 'true' then 1 when 'false' then 0 else (p_right #>> '{}')::numeric end);
  else
    perform @privschema@.refuse_render(p_place, format('"%s" is for two numbers or two texts, not for %s and %s', p_operator,
      @privschema@.type_name(p_left), @privschema@.type_name(p_right)));
  end if;
  return case p_operator when '<' then v_order < 0 when '<=' then v_order <= 0 when '>' then v_order > 0 else v_order >= 0 end;
end
$$;

revoke all on function @privschema@.compare_values from public;
comment on function @privschema@.compare_values is 'A comparison of an expression.';
