-- Writes values into a column of rows that are locked, by where they lie; gives the ids of those that were written. Under the caller's
-- own search_path, which triggers of the table may need; so the statements name no operator, type or function without its schema. Each
-- value becomes the column's type by a cast, and is then assigned, so that a text too long for its column is an error and not cut;
-- pgvector's type refuses another width, and names both.
create or replace function @privschema@.write_rows(
  p_table regclass, p_column text, p_is_embedding boolean, p_ids uuid[], p_relations oid[], p_rows tid[], p_values text[],
  p_search_path text)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
  v_type record;
  v_values text[] := p_values;
  v_written uuid[];
begin
  select n.nspname, t.typname, t.oid in ('json'::regtype, 'jsonb'::regtype) as is_json,
         case when p_is_embedding and t.typcategory in ('A', 'U') and t.oid not in ('json'::regtype, 'jsonb'::regtype)
           then '_float4' else 'text' end as read_as
  into v_type
  from pg_attribute a
  join pg_type t on t.oid = @privschema@.base_type(a.atttypid)
  join pg_namespace n on n.oid = t.typnamespace
  where a.attrelid = p_table and a.attname = p_column and a.attnum > 0 and not a.attisdropped;
  if not found then
    perform @privschema@.raise_option('into_column', format('a column of %s', p_table), p_column,
      'It was dropped or renamed since: enqueue anew.');
  end if;
  if p_is_embedding then
    -- As wide as functions give it to whoever applies.
    v_values := array(select @privschema@.fitted_embedding(i.value::real[], 'raise')::text
      from unnest(p_values) with ordinality as i (value, position) order by i.position);
  end if;
  if p_is_embedding and v_type.is_json then
    v_values := array(select translate(i.value, '{}', '[]')
      from unnest(v_values) with ordinality as i (value, position) order by i.position);
  end if;
  perform set_config('search_path', p_search_path, true);
  execute pg_catalog.format(
    'with written as (
       update %s as t set %I = cast(cast(v.value as pg_catalog.%I) as %I.%I)
       from unnest($1, $2, $3, $4) as v (request_id, relation, row_id, value)
       where t.ctid operator(pg_catalog.=) v.row_id and t.tableoid operator(pg_catalog.=) v.relation
       returning v.request_id)
     select pg_catalog.array_agg(written.request_id) from written',
    p_table, p_column, v_type.read_as, v_type.nspname, v_type.typname)
    into v_written using p_ids, p_relations, p_rows, v_values;
  return v_written;
end
$$;

revoke all on function @privschema@.write_rows from public;
comment on function @privschema@.write_rows is 'Writes values into rows by where they lie; gives the ids of what was written.';
