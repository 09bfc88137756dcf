-- A value as the filter tojson writes it: ASCII alone, and nothing that means something in HTML. Names of objects come in the
-- order of jsonb.
create or replace function @privschema@.value_json(p_value jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text text := p_value::text;
begin
  if v_text ~ '[0-9][.][0-9]' then
    select string_agg(case when t.m[1] ~ '^[-0-9]' then @privschema@.number_text(t.m[1]::numeric) else t.m[1] end, ''
      order by t.n) into v_text
    from regexp_matches(v_text, E'"(?:[^"\\\\]|\\\\.)*"|-?[0-9][0-9.]*|[^"0-9-]+|.', 'g') with ordinality as t (m, n);
  end if;
  v_text := replace(replace(replace(replace(v_text, '<', E'\\u003c'), '>', E'\\u003e'), '&', E'\\u0026'), '''', E'\\u0027');
  if v_text ~ E'[^\u0001-\u007e]' then
    select string_agg(case when ascii(c.c) < 127 then c.c
      when ascii(c.c) < 65536 then E'\\u' || lpad(to_hex(ascii(c.c)), 4, '0')
      else E'\\u' || to_hex(55296 + (ascii(c.c) - 65536) / 1024) || E'\\u' || to_hex(56320 + (ascii(c.c) - 65536) % 1024)
      end, '' order by c.n) into v_text
    from string_to_table(v_text, null) with ordinality as c (c, n);
  end if;
  return v_text;
end
$$;

revoke all on function @privschema@.value_json from public;
comment on function @privschema@.value_json is 'A value as the filter tojson writes it.';
