-- The statement that finds rows of a user's table by an array of keys, for source_rows.
create or replace function @privschema@.source_statement(p_table regclass, p_source text[], p_key text[], p_lock boolean)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'select k.place::int, t.tableoid, t.ctid, sha256(convert_to(row(%s)::text, ''UTF8''))
     from unnest($1) with ordinality as k (key, place)
     cross join lateral jsonb_to_record(k.key) as j (%s)
     join %s as t on %s order by %s',
    (select string_agg(format('t.%I', s.name), ', ') from unnest(p_source) as s (name)),
    string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '), p_table,
    string_agg(format('t.%I = j.%I', a.attname, a.attname), ' and '),
    case when p_lock then 't.tableoid, t.ctid for no key update of t' else '1' end)
  from pg_attribute a
  where a.attrelid = p_table and a.attname = any (p_key) and a.attnum > 0 and not a.attisdropped
$$;

revoke all on function @privschema@.source_statement from public;
comment on function @privschema@.source_statement is 'Text of the statement that finds rows by their keys.';
