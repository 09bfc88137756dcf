-- The instructions of one tag, with what is open before it and behind it: statements with their ends, as `blocks`, each with the
-- names and the number of loops inside of it. Where jumps go is filled in by link_code, when all is there.
create or replace function @privschema@.compile_tag(
  p_kind text, p_body text, p_line int, p_column int, p_blocks jsonb, out code jsonb[], out blocks jsonb)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds text[];
  v_texts text[];
  v_places text[];
  v_open jsonb := p_blocks -> -1;
  v_names text[] := array(select jsonb_array_elements_text(v_open -> 'names'));
  v_loops int := coalesce((v_open ->> 'loops')::int, 0);
  v_place text;
  v_end text := format('line %s, column %s', p_line, p_column);
  v_word text;
  v_head record;
  v_given text[];
begin
  select t.kinds, t.texts, t.places into v_kinds, v_texts, v_places from @privschema@.tag_tokens(p_body, p_line, p_column) t;
  v_word := case p_kind when '%' then coalesce(v_texts[1], '') end;
  v_place := coalesce(v_places[1], v_end);
  blocks := p_blocks;
  if p_kind = '{' then
    code := array_append(@privschema@.tag_code(v_kinds, v_texts, v_places, 1, v_names, v_loops, v_end),
      jsonb_build_array('out', null, v_place));
  elsif v_word in ('if', 'elif') then
    code := @privschema@.tag_code(v_kinds, v_texts, v_places, 2, v_names, v_loops, v_end);
    code := case v_word when 'if' then code || '["if"]'::jsonb else '["else"]'::jsonb || code || '["test"]'::jsonb end;
  elsif v_word = 'for' then
    v_head := @privschema@.loop_head(v_kinds, v_texts, v_places);
    v_given := v_head.names;
    code := @privschema@.tag_code(v_kinds[:v_head.last], v_texts[:v_head.last], v_places, v_head.first,
      v_names, v_loops, v_end);
    code := code || jsonb_build_array('for', jsonb_build_array(v_loops + 1, v_head.is_items), v_place)
      || jsonb_build_array('bind', jsonb_build_array(v_loops + 1, cardinality(v_names) + 1), null,
        case when v_head.is_items then '{0}' else '{}' end);
    if v_head.is_items then
      code := code || jsonb_build_array('bind', jsonb_build_array(v_loops + 1, cardinality(v_names) + 2), null, '{1}');
    end if;
  else
    code := case when v_word in ('else', 'endfor') and v_open ->> 'kind' = 'for' then
      array[jsonb_build_array('next', v_loops)] else '{}' end
      || case v_word when 'else' then '["else"]' else '["end"]' end::jsonb;
  end if;
  if p_kind = '%' then
    blocks := @privschema@.next_blocks(p_blocks, v_word, v_given, cardinality(v_texts), v_place);
  end if;
end
$$;

revoke all on function @privschema@.compile_tag from public;
comment on function @privschema@.compile_tag is 'The instructions of one tag.';
