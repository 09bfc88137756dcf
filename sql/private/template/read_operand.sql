-- The part of an expression that comes where a value is expected: a value with the instruction that brings it, what opens or
-- closes brackets, or `not`. Names that a loop has given are slots, numbered by the compiler; all others are variables.
create or replace function @privschema@.read_operand(
  p_kinds text[], p_texts text[], p_places text[], p_at int, p_names text[], p_loops int, out part jsonb, out taken int)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind text := p_kinds[p_at];
  v_text text := p_texts[p_at];
  v_place text := p_places[p_at];
  v_slot int;
  v_code jsonb;
begin
  taken := 1;
  if v_kind = 'name' and cardinality(p_names) > 0 then
    v_slot := (select max(s) from generate_subscripts(p_names, 1) as s where p_names[s] = v_text);
  end if;
  if v_kind = 'text' then
    v_code := jsonb_build_array('const', @privschema@.quoted_text(v_text, v_place));
  elsif v_kind = 'number' or (v_text = '-' and p_kinds[p_at + 1] = 'number') then
    taken := case when v_kind = 'number' then 1 else 2 end;
    part := jsonb_build_object('role', 'value', 'loose', true, 'place', v_place, 'code',
      jsonb_build_array('const', @privschema@.written_number(p_texts[p_at + taken - 1], v_place, taken = 2)));
  elsif v_text in ('(', '[') then
    part := jsonb_build_object('role', 'open', 'kind', case v_text when '(' then 'group' else 'list' end, 'place', v_place);
  elsif v_text in (')', ']') then
    part := jsonb_build_object('role', 'close', 'kind', v_text, 'empty', true, 'place', v_place);
  elsif v_text = 'not' then
    part := jsonb_build_object('role', 'prefix', 'kind', 'not', 'place', v_place);
  elsif v_text in ('true', 'True', 'false', 'False', 'none', 'None') then
    v_code := jsonb_build_array('const',
      case lower(v_text) when 'none' then 'null'::jsonb else to_jsonb(lower(v_text) = 'true') end);
  elsif v_kind <> 'name' or v_text in ('and', 'or', 'in', 'is', 'if', 'else', 'elif') then
    perform @privschema@.refuse_template(v_place, format('a value should stand here, not "%s"', v_text));
  elsif starts_with(v_text, '__') then
    perform @privschema@.refuse_template(v_place, format('"%s": names that begin with __ are not supported', v_text));
  elsif v_slot is not null then
    v_code := jsonb_build_array('slot', v_slot);
  elsif v_text = 'loop' and p_loops > 0 then
    if p_texts[p_at + 1] is distinct from '.'
      or not coalesce(p_texts[p_at + 2] in ('index', 'index0', 'first', 'last', 'length'), false) then
      perform @privschema@.refuse_template(v_place,
        'of loop there are loop.index, loop.index0, loop.first, loop.last and loop.length, and nothing else');
    end if;
    taken := 3;
    v_code := jsonb_build_array('loop', p_texts[p_at + 2], v_place, p_loops);
  else
    v_code := jsonb_build_array('variable', v_text);
  end if;
  part := coalesce(part, jsonb_build_object('role', 'value', 'code', v_code, 'place', v_place));
end
$$;

revoke all on function @privschema@.read_operand from public;
comment on function @privschema@.read_operand is 'The part of an expression that comes where a value is expected.';
