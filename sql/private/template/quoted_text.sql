-- What stands in quotes, with its escapes read as Python reads them. What Python would leave as it is (`\d`) or read by number of
-- a character below U+0100 (`\x41`, `\101`) is refused: it is mostly a mistake.
create or replace function @privschema@.quoted_text(p_quoted text, p_place text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_inside text := substr(p_quoted, 2, length(p_quoted) - 2);
  v_result text := '';
  v_part text;
  v_code int;
begin
  if strpos(v_inside, E'\\') = 0 then
    return v_inside;
  end if;
  for v_part in
    select t.m[1] from regexp_matches(v_inside, E'([^\\\\]+|\\\\u[0-9a-fA-F]{4}|\\\\.)', 'g') with ordinality as t (m, n)
    order by t.n
  loop
    if v_part ~ E'^\\\\u.' then
      v_code := ('x' || lpad(substr(v_part, 3), 8, '0'))::bit(32)::int;
      if v_code = 0 or v_code between 55296 and 57343 then
        perform @privschema@.refuse_template(p_place, format('%s is not a character that a text can hold', v_part));
      end if;
      v_part := chr(v_code);
    elsif left(v_part, 1) = E'\\' then
      v_code := strpos(E'\\''"nrt', substr(v_part, 2));
      if v_code = 0 then
        perform @privschema@.refuse_template(p_place, format('the escape %s is not supported', v_part));
      end if;
      v_part := substr(E'\\''"\n\r\t', v_code, 1);
    end if;
    v_result := v_result || v_part;
  end loop;
  return v_result;
end
$$;

revoke all on function @privschema@.quoted_text from public;
comment on function @privschema@.quoted_text is 'What stands in quotes.';
