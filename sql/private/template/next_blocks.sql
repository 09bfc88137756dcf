-- Which statements are open behind one more of them. Refuses what does not fit to those that are open, what is no statement of
-- ours, and statements that are nested too deep.
create or replace function @privschema@.next_blocks(p_blocks jsonb, p_word text, p_names text[], p_tokens int, p_place text)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_open jsonb := p_blocks -> -1;
  v_kind text := v_open ->> 'kind';
  v_outer jsonb := coalesce(p_blocks -> -2, '{"names": [], "loops": 0}');
  v_around jsonb := coalesce(v_open, '{"names": [], "loops": 0}') || jsonb_build_object('place', p_place, 'kind', p_word);
begin
  if p_word in ('else', 'endif', 'endfor') and p_tokens > 1 then
    perform @privschema@.refuse_template(p_place, format('"%s" should stand alone in its tag', p_word));
  elsif p_word in ('if', 'for') then
    if jsonb_array_length(p_blocks) >= 32 then
      perform @privschema@.refuse_template(p_place, 'statements should be nested at most 32 deep');
    elsif p_word = 'for' then
      v_around := v_around || jsonb_build_object('names', v_around -> 'names' || to_jsonb(p_names),
        'loops', (v_around ->> 'loops')::int + 1);
    end if;
    return p_blocks || v_around;
  elsif p_word in ('elif', 'else') and v_kind = 'if' then
    return p_blocks - (-1) || (v_open || jsonb_build_object('kind', case p_word when 'elif' then 'if' else 'if with an else' end));
  elsif p_word = 'else' and v_kind = 'for' then
    -- Nothing of the loop is known in its else.
    return p_blocks - (-1) || (v_outer || jsonb_build_object('kind', 'for with an else', 'place', v_open -> 'place'));
  elsif (p_word = 'endif' and v_kind in ('if', 'if with an else'))
    or (p_word = 'endfor' and v_kind in ('for', 'for with an else')) then
    return p_blocks - (-1);
  elsif p_word in ('elif', 'else', 'endif', 'endfor') then
    perform @privschema@.refuse_template(p_place, format('"%s" does not fit here: open is %s', p_word,
      coalesce('the ' || v_kind || ' of ' || (v_open ->> 'place'), 'nothing')));
  end if;
  perform @privschema@.refuse_template(p_place, case p_word when '' then 'a statement is missing'
    else format('the statement "%s" is not supported', left(p_word, 100)) end);
  return null;
end
$$;

revoke all on function @privschema@.next_blocks from public;
comment on function @privschema@.next_blocks is 'Which statements are open behind one more of them.';
