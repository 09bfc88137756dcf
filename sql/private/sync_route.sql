-- Where dblink is, and whether a connection of it may be kept open in a session. dblink's connections belong to the session and
-- are found by their names, from every installation of its functions: whoever may execute one of those could use a connection
-- that stays open. So one is kept only where dblink is in a schema of its own that the owner alone may use, and none of its
-- functions is anywhere else.
create or replace function @privschema@.sync_route(out dblink_schema text, out keeps boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  select n.nspname,
         n.nspname = '@privschema@_dblink'
         and pg_get_userbyid(n.nspowner) = '@roleprefix@steadytext_owner'
         and not exists (select from aclexplode(n.nspacl) a where a.grantee <> n.nspowner)
         and not exists (
           -- From the first oid that is not PostgreSQL's own: 0.1 ms in place of 1.
           select from pg_proc p where p.oid >= 16384 and p.probin like '%dblink%' and p.pronamespace <> n.oid)
  into dblink_schema, keeps
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
  where e.extname = 'dblink' and exists (select from pg_foreign_server s where s.srvname = '@privschema@_sync');
  if not found then
    raise exception using errcode = 'ST012',
      message = 'Synchronous functions need a side channel that an administrator sets up, but this database has none',
      hint = 'An administrator runs: steadytext setup sync. Without it: CALL steadytext_generate_and_wait, or the '
        'functions that end in _async.';
  end if;
end
$$;

revoke all on function @privschema@.sync_route from public;
comment on function @privschema@.sync_route is 'Schema of dblink, and whether connections may be kept; ST012 without it.';
