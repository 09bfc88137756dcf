-- The rows of these keys that the caller sees: (place among the keys, table, place of the row, digest of what it holds in the given
-- column, or in all but the one that is written). None for a key that finds none. Locked when they are to be written, in the order of where
-- they lie: then of each the newest version. The settings that change how values are written are pinned, so that sessions digest alike.
create or replace function @privschema@.source_rows(
  p_table regclass, p_keys jsonb[], p_column text, p_from_column text, p_lock boolean)
returns setof record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
as $$
declare
  v_source text[];
  v_key text[];
begin
  select array_agg(a.attname order by a.attname)
           filter (where case when p_from_column is null then a.attname <> p_column else a.attname = p_from_column end),
         array_agg(a.attname order by a.attname) filter (where p_keys[1] ? a.attname)
  into v_source, v_key
  from pg_attribute a
  where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped;
  if v_source is null or cardinality(v_key) is distinct from (select count(*) from jsonb_object_keys(p_keys[1])) then
    perform @privschema@.raise_option('from_column and into_key', format('columns of %s', p_table), 'there no more',
      'One was dropped or renamed since: enqueue anew.');
  end if;
  return query execute @privschema@.source_statement(p_table, v_source, v_key, p_lock) using p_keys;
end
$$;

revoke all on function @privschema@.source_rows from public;
comment on function @privschema@.source_rows is 'Rows of a user''s table by their keys, with digests of what results are made of.';
