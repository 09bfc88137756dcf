-- Whether a column is there, may be written by whoever calls, and is of a type that a result of the request type can become.
create or replace function @privschema@.check_target_column(p_request_type text, p_table regclass, p_column text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type oid;
  v_is_generated boolean;
begin
  select @privschema@.base_type(a.atttypid), a.attgenerated <> '' or a.attidentity = 'a' into v_type, v_is_generated
  from pg_attribute a
  where a.attrelid = p_table and a.attname = p_column and a.attnum > 0 and not a.attisdropped;
  if not found or v_is_generated then
    perform @privschema@.raise_option('into_column', format('a column of %s that can be written', p_table), p_column,
      'Name the column that takes the result; a generated one takes none.');
  elsif not has_column_privilege(p_table, p_column, 'update') then
    raise exception using errcode = 'insufficient_privilege',
      message = format('The role "%s" should be allowed to update the column "%s" of %s, but is not', current_user, p_column, p_table),
      hint = format('Have its owner grant it: grant select, update (%I) on %s to %I.', p_column, p_table, current_user);
  elsif p_request_type = 'embed' and not exists (
    select from pg_type t
    where t.oid = v_type and (t.oid in ('json'::regtype, 'jsonb'::regtype) or t.typcategory = 'S' or exists (
        select from pg_type e where e.oid = t.typelem and t.typcategory = 'A' and e.typcategory = 'N')
      or exists (select from pg_cast c where c.castsource = 'real[]'::regtype and c.casttarget = t.oid)))
  then
    perform @privschema@.raise_option('into_column', 'of a type that an embedding can become',
      format('%s, which is %s', p_column, format_type(v_type, -1)), 'Such as real[], jsonb, or vector where pgvector is there.');
  end if;
end
$$;

revoke all on function @privschema@.check_target_column from public;
comment on function @privschema@.check_target_column is 'Raises where a column cannot take results of a request type.';
