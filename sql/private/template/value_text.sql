-- A value as it is put out: texts as they are, nothing for what is undefined, and all else as Python writes it. Lists and objects
-- are written from their JSON, token by token, so that nothing here calls itself.
create or replace function @privschema@.value_text(p_value jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_value) in ('array', 'object') then
    return (
      select string_agg(case
          when t.m[1] like '"%' then @privschema@.quoted_as_python((t.m[1]::jsonb) #>> '{}')
          when t.m[1] ~ '^[-0-9]' then @privschema@.number_text(t.m[1]::numeric)
          when t.m[1] = 'null' then 'None'
          when t.m[1] in ('true', 'false') then initcap(t.m[1])
          else t.m[1] end, '' order by t.n)
      from regexp_matches(p_value::text, E'"(?:[^"\\\\]|\\\\.)*"|-?[0-9][0-9.]*|true|false|null|.', 'g')
        with ordinality as t (m, n));
  end if;
  -- Apart, since an expression with a query in it takes several times as long, whichever part of it counts.
  return case coalesce(jsonb_typeof(p_value), 'undefined')
    when 'undefined' then ''
    when 'string' then p_value #>> '{}'
    when 'number' then @privschema@.number_text((p_value #>> '{}')::numeric)
    when 'boolean' then initcap(p_value #>> '{}')
    else 'None' end;
end
$$;

revoke all on function @privschema@.value_text from public;
comment on function @privschema@.value_text is 'A value as it is put out.';
