-- What an operator makes of the values on top of the stack, and how many of them it takes.
create or replace function @privschema@.apply_operator(
  p_op text, p_arg jsonb, p_place text, p_path text, p_stack jsonb[], p_top int, out value jsonb, out taken int)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value jsonb := p_stack[p_top];
begin
  taken := 1;
  case p_op
    when 'member' then value := @privschema@.member_of(v_value, p_arg, p_place, p_path);
    when 'defined' then value := to_jsonb(v_value is not null);
    when 'missing' then value := to_jsonb(v_value is null);
    when 'not' then value := to_jsonb(not @privschema@.is_true(v_value));
    when 'item' then
      taken := 2;
      value := @privschema@.member_of(p_stack[p_top - 1], v_value, p_place, p_path);
    when 'compare' then
      taken := 2;
      value := to_jsonb(@privschema@.compare_values(p_arg #>> '{}', p_stack[p_top - 1], v_value, p_place));
    when 'list' then
      taken := p_arg::int;
      value := to_jsonb(p_stack[p_top - taken + 1:p_top]);
    when 'filter' then
      taken := 1 + (p_arg ->> 1)::int;
      value := @privschema@.filter_value(p_arg ->> 0, p_stack[p_top - taken + 1], p_stack[p_top - taken + 2:p_top], p_place);
  end case;
end
$$;

revoke all on function @privschema@.apply_operator from public;
comment on function @privschema@.apply_operator is 'What an operator makes of the values on the stack.';
