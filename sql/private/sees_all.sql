-- Whether whoever asks sees the rows of all users: administrators, and members of the owner's role, who may do anything with the
-- tables. Asked by views, in a sub-select: once a query.
create or replace function @privschema@.sees_all()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_has_role('@roleprefix@steadytext_admin', 'usage') or pg_has_role('@roleprefix@steadytext_owner', 'usage')
$$;

revoke all on function @privschema@.sees_all from public;
comment on function @privschema@.sees_all is 'Whether you see the rows of all users.';
