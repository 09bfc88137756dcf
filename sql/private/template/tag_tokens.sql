-- The tokens of the inside of a tag, with the kind and the place of each. A number behind a point is an index (`a.0.1`), not a
-- part of a number with a fraction.
create or replace function @privschema@.tag_tokens(
  p_body text, p_line int, p_column int, out kinds text[], out texts text[], out places text[])
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_match text[];
  v_text text;
  v_place text;
  v_line int := p_line;
  v_column int := p_column;
  n int := 0;
begin
  kinds := '{}'; texts := '{}'; places := '{}';
  for v_match in
    select t.m from regexp_matches(p_body, E'([ \\t\\n\\v\\f]+)|([A-Za-z_][A-Za-z0-9_]*)'
      || E'|("(?:[^"\\\\]|\\\\.)*"|''(?:[^''\\\\]|\\\\.)*'')'
      || E'|([0-9]+|(?<![.])[0-9]+(?:[.][0-9]+)?[eE][-+]?[0-9]+|(?<![.])[0-9]+[.][0-9]+)'
      || E'|(==|!=|<=|>=|//|[*][*]|[-+*/%~<>=.,:|()\\[\\]{}])|(.)', 'g') with ordinality as t (m, n) order by t.n
  loop
    v_text := coalesce(v_match[1], v_match[2], v_match[3], v_match[4], v_match[5], v_match[6]);
    v_place := format('line %s, column %s', v_line, v_column);
    if v_match[6] is not null then
      perform @privschema@.refuse_template(v_place, format('%s is not a part of any expression', to_json(v_text)));
    elsif v_match[1] is null then
      n := n + 1;
      kinds[n] := case when v_match[2] is not null then 'name' when v_match[3] is not null then 'text'
        when v_match[4] is not null then 'number' else 'sign' end;
      texts[n] := v_text; places[n] := v_place;
    end if;
    v_line := v_line + length(v_text) - length(replace(v_text, E'\n', ''));
    v_column := case when strpos(v_text, E'\n') > 0 then strpos(reverse(v_text), E'\n') else v_column + length(v_text) end;
  end loop;
end
$$;

revoke all on function @privschema@.tag_tokens from public;
comment on function @privschema@.tag_tokens is 'The tokens of the inside of a tag.';
