-- Goes through the instructions of a template, [name, argument, place, distance or path]: with a stack of values, slots for what
-- loops give, and nothing else but the variables. Each counts a step, one more for each 100 octets of the value on top, and one
-- for each 20 octets of a value that it goes through: so the steps bound the time (all that are allowed took 3 s at most). A
-- loop counts its rounds when it begins; none is left before its end.
create or replace function @privschema@.render_program(p_program jsonb, p_variables jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ops text[]; v_args jsonb[]; v_places text[]; v_extras text[];
  -- Read out of what may be compressed, once.
  v_variables jsonb := p_variables || '{}';
  v_op text; v_arg jsonb; v_text text; v_made record; v_loop int;
  v_out text[] := '{}'::text[]; v_stack jsonb[] := '{}'::jsonb[]; v_slots jsonb[] := '{}'::jsonb[];
  v_lists jsonb[] := '{}'::jsonb[]; v_rounds int[] := '{}'::int[]; v_lengths int[] := '{}'::int[];
  v_length bigint := 0; v_steps bigint := 0; v_all_rounds bigint := 0; v_top int := 0; i int := 1; v_next int;
begin
  select array_agg(e.op ->> 0 order by e.n), array_agg(e.op -> 1 order by e.n), array_agg(e.op ->> 2 order by e.n),
    array_agg(e.op ->> 3 order by e.n) into v_ops, v_args, v_places, v_extras
  from jsonb_array_elements(p_program) with ordinality as e (op, n);
  while i <= cardinality(v_ops) loop
    v_op := v_ops[i]; v_arg := v_args[i]; v_next := i + 1;
    v_steps := v_steps + 1 + coalesce(pg_column_size(v_stack[v_top]) / 100, 0) + coalesce(pg_column_size(v_stack[
      case when v_op = 'filter' then v_top - (v_arg ->> 1)::int when v_op in ('compare', 'out', 'for') then v_top end]) / 20, 0);
    case v_op
      when 'text', 'out' then
        v_text := case v_op when 'text' then v_arg #>> '{}' else @privschema@.value_text(v_stack[v_top]) end;
        v_top := v_top - (v_op = 'out')::int;
        v_out[cardinality(v_out) + 1] := v_text; v_length := v_length + length(v_text);
      when 'const', 'variable', 'slot', 'loop' then
        v_top := v_top + 1;
        v_stack[v_top] := case v_op when 'const' then v_arg when 'variable' then v_variables -> (v_arg #>> '{}')
          when 'slot' then v_slots[v_arg::int] else
            @privschema@.loop_value(v_arg #>> '{}', v_rounds[v_extras[i]::int], v_lengths[v_extras[i]::int]) end;
      when 'and', 'or', 'unless' then
        v_next := case when @privschema@.is_true(v_stack[v_top]) = (v_op <> 'or') then v_next else i + v_extras[i]::int end;
        v_top := v_top - (v_op = 'unless' or v_next = i + 1)::int;
      when 'jump' then v_next := i + v_extras[i]::int;
      when 'for' then
        v_loop := (v_arg ->> 0)::int;
        v_lists[v_loop] := @privschema@.loop_items(v_stack[v_top], (v_arg ->> 1)::boolean, v_places[i]);
        v_lengths[v_loop] := jsonb_array_length(v_lists[v_loop]); v_all_rounds := v_all_rounds + v_lengths[v_loop];
        v_rounds[v_loop] := 0; v_top := v_top - 1;
        v_next := case v_lengths[v_loop] when 0 then i + v_extras[i]::int else v_next end;
      when 'bind' then
        v_loop := (v_arg ->> 0)::int;
        v_slots[(v_arg ->> 1)::int] := (v_lists[v_loop] -> v_rounds[v_loop]) #> v_extras[i]::text[];
      when 'next' then
        v_rounds[v_arg::int] := v_rounds[v_arg::int] + 1;
        v_next := case when v_rounds[v_arg::int] < v_lengths[v_arg::int] then i + v_extras[i]::int else v_next end;
      else
        v_made := @privschema@.apply_operator(v_op, v_arg, v_places[i], v_extras[i], v_stack, v_top);
        v_top := v_top - v_made.taken + 1; v_stack[v_top] := v_made.value;
    end case;
    if v_steps > 200000 or v_all_rounds > 20000 or v_length > 1000000 then
      perform @privschema@.refuse_size(v_steps, v_all_rounds);
    end if;
    i := v_next;
  end loop;
  return coalesce(array_to_string(v_out, ''), '');
end
$$;

revoke all on function @privschema@.render_program from public;
comment on function @privschema@.render_program is 'Goes through the instructions of a template.';
