-- Tells this very table of users from one that a dump comes from: of the system identifier, which is drawn when a cluster is
-- made, and the table's oid, drawn wherever a dump is restored. Where oids of roles are compared across a restore, this
-- decides whether they may be: two clusters set up by the same steps give their roles the same oids, and so do two copies of
-- one cluster. Reading it takes 4 µs. No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.binding_mark()
returns bigint
language sql volatile parallel restricted
as $$
  select hashint8extended((pg_control_system()).system_identifier, '@extschema@.steadytext_users'::regclass::oid::bigint)
$$;

revoke all on function @privschema@.binding_mark from public;
comment on function @privschema@.binding_mark is 'Mark of users that were bound in this table.';
