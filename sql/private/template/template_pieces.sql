-- Cuts a template into text and tags, comments left out, in one pass. A tag ends at its closing mark outside of quotes, as in
-- Jinja2; its signs for white space (`-`, `+`) are taken off and followed here. Kind of a piece: `text`, `{` for an expression,
-- `%` for a statement. Line and column are of the first character inside the tag.
create or replace function @privschema@.template_pieces(
  p_template text, out kinds text[], out bodies text[], out lines int[], out columns int[])
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_atoms text[] := array(select a.m[1]
    from regexp_matches(p_template, E'[^{}%#"''\\\\]+|[{}%#"''\\\\]', 'g') with ordinality as a (m, n) order by a.n);
  v_spaces text := @privschema@.space_characters();
  v_atom text; v_next text;
  v_kind text := 'text';
  -- Of the text in quotes that is being read.
  v_quote text;
  v_trims boolean := false;
  v_parts text[] := '{}'::text[];
  v_at int := 1; v_taken int;
  v_line int := 1; v_column int := 1;
  v_body text;
  n int := 0;
begin
  while v_at <= cardinality(v_atoms) or (v_kind = 'text' and v_at = cardinality(v_atoms) + 1) loop
    v_atom := v_atoms[v_at];
    v_next := left(v_atoms[v_at + 1], 1);
    if v_atom is null or (v_kind = 'text' and v_atom = '{' and v_next in ('{', '%', '#'))
      or (v_quote is null and v_next = '}' and v_atom = translate(v_kind, '{', '}')) then
      v_body := array_to_string(v_parts, '');
      v_parts := '{}';
      n := n + 1;
      kinds[n] := v_kind; bodies[n] := v_body; lines[n] := v_line; columns[n] := v_column;
      v_line := v_line + length(v_body) - length(replace(v_body, E'\n', ''));
      v_column := 2 + case when strpos(v_body, E'\n') > 0 then strpos(reverse(v_body), E'\n')
        else v_column + length(v_body) end;
      if v_kind = 'text' then
        bodies[n] := rtrim(ltrim(v_body, case when v_trims then v_spaces else '' end),
          case when left(v_atoms[v_at + 2], 1) = '-' then v_spaces else '' end);
      else
        v_body := regexp_replace(v_body, '^[-+]', ' ');
        v_trims := right(v_body, 1) = '-';
        bodies[n] := case when v_trims or (v_kind = '%' and right(v_body, 1) = '+') then left(v_body, -1) else v_body end;
      end if;
      n := n - (v_kind = '#' or bodies[n] = '' and v_kind = 'text')::int;
      v_kind := case when v_kind = 'text' then v_next else 'text' end;
      v_at := v_at + 2;
    else
      -- Behind a backslash a quote is none.
      v_taken := 1 + (v_quote is not null and v_atom = E'\\')::int;
      if v_kind in ('{', '%') and v_atom in ('"', '''') then
        v_quote := case when v_quote is null then v_atom else nullif(v_quote, v_atom) end;
      end if;
      v_parts[cardinality(v_parts) + 1] := v_atom || case when v_taken = 2 then coalesce(v_atoms[v_at + 1], '') else '' end;
      v_at := v_at + v_taken;
    end if;
  end loop;
  if v_kind <> 'text' then
    perform @privschema@.refuse_template(format('line %s, column %s', v_line, v_column - 2), case when v_quote is null
      then format('the tag {%s is not closed', v_kind) else 'a text in quotes of this tag is not closed' end);
  end if;
  kinds := kinds[1:n];
end
$$;

revoke all on function @privschema@.template_pieces from public;
comment on function @privschema@.template_pieces is 'Cuts a template into text, expressions and statements.';
