-- An expression in the parts that it is made of, from left to right, each with its role: `value`, `prefix`, `open` | `infix`,
-- `behind` (a member, a filter, a test), `comma`, `close`. Which of a sign's meanings counts depends on whether a value is
-- expected, and on nothing else. Of what a member is looked for is kept for the message of a missing one.
create or replace function @privschema@.expression_parts(
  p_kinds text[], p_texts text[], p_places text[], p_from int, p_names text[], p_loops int, p_end text)
returns jsonb[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_parts jsonb[] := '{}'::jsonb[];
  v_read record;
  v_part jsonb;
  v_role text;
  v_path text;
  v_wants_value boolean := true;
  i int := p_from;
  n int := 0;
begin
  while i <= cardinality(p_kinds) loop
    if v_wants_value then
      v_read := @privschema@.read_operand(p_kinds, p_texts, p_places, i, p_names, p_loops);
    else
      v_read := @privschema@.read_operator(p_kinds, p_texts, p_places, i);
    end if;
    v_part := v_read.part;
    v_role := v_part ->> 'role';
    if v_part ? 'tight' then
      v_part := v_part || jsonb_build_object('path', coalesce(v_path, 'the value before it'));
    end if;
    v_path := left(case when v_role = 'value' then p_texts[i]
      when v_part ? 'tight' and v_role = 'behind' then (v_part ->> 'path') || '.' || (v_part ->> 'name') end, 100);
    v_wants_value := v_role in ('open', 'prefix', 'infix', 'comma');
    n := n + 1;
    v_parts[n] := v_part;
    i := i + v_read.taken;
  end loop;
  if v_wants_value then
    perform @privschema@.refuse_template(p_end, 'a value is missing at the end of the tag');
  end if;
  return array_append(v_parts, jsonb_build_object('role', 'end', 'place', p_end));
end
$$;

revoke all on function @privschema@.expression_parts from public;
comment on function @privschema@.expression_parts is 'An expression in the parts that it is made of.';
