-- Users bound here whose role has been dropped are nobody's from now on: so a dump says of each row whether it was a
-- role's, and of several rows of one name which. Waits for no row; heartbeats call it with a short lock_timeout.
create or replace function @privschema@.unbind_gone_users()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update @extschema@.steadytext_users u
  set role_oid = null
  where u.user_id = any (array(
    select g.user_id
    from @extschema@.steadytext_users g
    where g.binding_mark = (select @privschema@.binding_mark()) and g.role_oid is not null
      and not exists (select from pg_roles r where r.oid = g.role_oid)
    for update skip locked))
$$;

revoke all on function @privschema@.unbind_gone_users from public;
comment on function @privschema@.unbind_gone_users is 'Unbinds the rows of roles that have been dropped.';
