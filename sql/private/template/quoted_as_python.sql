-- A text in quotes, as Python writes it inside of lists and objects: in single ones, or in double ones if it has single ones
-- alone.
create or replace function @privschema@.quoted_as_python(p_text text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_quote text := case when strpos(p_text, '''') > 0 and strpos(p_text, '"') = 0 then '"' else '''' end;
  v_text text := replace(p_text, E'\\', E'\\\\');
begin
  if v_quote = '''' then
    v_text := replace(v_text, '''', E'\\''');
  end if;
  v_text := replace(replace(replace(v_text, E'\n', E'\\n'), E'\r', E'\\r'), E'\t', E'\\t');
  if v_text ~ E'[\u0001-\u001f\u007f-\u00a0\u00ad]' then
    select string_agg(case when c.c ~ E'[\u0001-\u001f\u007f-\u00a0\u00ad]' then E'\\x' || lpad(to_hex(ascii(c.c)), 2, '0')
      else c.c end, '' order by c.n) into v_text
    from string_to_table(v_text, null) with ordinality as c (c, n);
  end if;
  return v_quote || v_text || v_quote;
end
$$;

revoke all on function @privschema@.quoted_as_python from public;
comment on function @privschema@.quoted_as_python is 'A text in quotes, as Python writes it.';
