-- A template as instructions, and the variables that it asks for (those of jinja2.meta.find_undeclared_variables, but for Jinja2's
-- own functions). Line ends are all made one character, and one at the end is left out, as Jinja2 does. Names that loops give are
-- known while it is compiled: `names` has those of all loops around, innermost last.
create or replace function @privschema@.compile_template(p_template text, out program jsonb, out required_variables text[])
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds text[];
  v_bodies text[];
  v_lines int[];
  v_columns int[];
  v_tag record;
  v_blocks jsonb := '[]'::jsonb;
  v_code jsonb[] := '{}'::jsonb[];
  v_one jsonb;
  n int := 0;
begin
  if length(p_template) > 65536 then
    perform @privschema@.refuse_template('its end',
      format('it should have at most 65536 characters, but has %s', length(p_template)));
  elsif coalesce(p_template, '') = '' then
    perform @privschema@.refuse_template('its beginning', 'it is empty');
  end if;
  -- Into arrays of their own and one by one: an item of a record's array, or a longer array, takes the time of the whole.
  select p.kinds, p.bodies, p.lines, p.columns into v_kinds, v_bodies, v_lines, v_columns
  from @privschema@.template_pieces(regexp_replace(regexp_replace(p_template, E'\r\n?', E'\n', 'g'), E'\n$', '')) p;
  for i in 1 .. coalesce(cardinality(v_kinds), 0) loop
    if v_kinds[i] = 'text' then
      n := n + 1;
      v_code[n] := jsonb_build_array('text', v_bodies[i]);
    else
      v_tag := @privschema@.compile_tag(v_kinds[i], v_bodies[i], v_lines[i], v_columns[i], v_blocks);
      v_blocks := v_tag.blocks;
      foreach v_one in array v_tag.code loop
        n := n + 1;
        v_code[n] := v_one;
      end loop;
    end if;
  end loop;
  if v_blocks <> '[]' then
    perform @privschema@.refuse_template(v_blocks -> -1 ->> 'place',
      format('this %s has no end', split_part(v_blocks -> -1 ->> 'kind', ' ', 1)));
  end if;
  program := @privschema@.link_code(v_code);
  required_variables := array(
    select distinct (c.op ->> 1) collate "C" from jsonb_array_elements(program) as c (op) where c.op ->> 0 = 'variable' order by 1);
end
$$;

revoke all on function @privschema@.compile_template from public;
comment on function @privschema@.compile_template is 'A template as instructions, and the variables that it asks for.';
