-- Whether results of a request type can be written into a column, in the rows of these keys, by whoever calls.
create or replace function @privschema@.check_write_back(
  p_request_type text, p_table regclass, p_column text, p_keys jsonb[], p_from_column text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key text[];
  v_keys int;
begin
  if p_table is null or not exists (
    select from pg_class c where c.oid = p_table and c.relkind in ('r', 'p') and c.relpersistence <> 't')
  then
    perform @privschema@.raise_option('into_table', 'a table that other sessions see', p_table::text,
      'Pass the table''s name. A view, a foreign table or a temporary one cannot be written into.');
  end if;
  perform @privschema@.check_target_column(p_request_type, p_table, p_column);
  if p_from_column is not null and not exists (
    select from pg_attribute a where a.attrelid = p_table and a.attname = p_from_column and a.attnum > 0 and not a.attisdropped)
  then
    perform @privschema@.raise_option('from_column', format('a column of %s', p_table), p_from_column,
      'Name the column that the input comes from, or leave it out: then the whole row counts.');
  end if;
  select min(n.names), count(distinct n.names) into v_key, v_keys
  from unnest(p_keys) as k (key)
  cross join lateral (
    select case when jsonb_typeof(k.key) = 'object' then
      array(select o.name from jsonb_object_keys(k.key) as o (name) order by o.name) else '{}'::text[] end) n (names);
  if v_keys is distinct from 1 or not exists (
    select from pg_index i
    where i.indrelid = p_table and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
      and v_key = array(
        select a.attname::text from unnest(i.indkey::int2[]) with ordinality as c (attnum, position)
        join pg_attribute a on a.attrelid = p_table and a.attnum = c.attnum
        where c.position <= i.indnkeyatts order by a.attname::text))
  then
    perform @privschema@.raise_option('into_key', format('the columns of the primary key or of a unique index of %s', p_table),
      nullif(array_to_string(v_key, ', '), ''),
      'Pass a JSON object such as {"id": 7}, in a batch an array of one for each input, all of the same columns.');
  end if;
end
$$;

revoke all on function @privschema@.check_write_back from public;
comment on function @privschema@.check_write_back is 'Raises where results cannot be written into a column of these rows.';
