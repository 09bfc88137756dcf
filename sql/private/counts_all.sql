-- Whether whoever asks may see numbers of all users together: administrators, the owner, and members of the role for metrics,
-- who see no row and no text. Asked by views, in a sub-select: once a query.
create or replace function @privschema@.counts_all()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select @privschema@.sees_all() or pg_has_role('@roleprefix@steadytext_metrics', 'usage')
$$;

revoke all on function @privschema@.counts_all from public;
comment on function @privschema@.counts_all is 'Whether you see numbers of all users.';
