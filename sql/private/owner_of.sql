-- Whose a table is.
create or replace function @privschema@.owner_of(p_table regclass)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_get_userbyid(c.relowner)::text from pg_class c where c.oid = p_table
$$;

revoke all on function @privschema@.owner_of from public;
comment on function @privschema@.owner_of is 'Name of the role that owns a table.';
