-- Tells this cluster from one that a dump comes from: drawn when a cluster is made, and the same on its physical copies.
-- Where oids are compared across a restore, this decides whether they may be: two clusters set up by the same steps give
-- their roles the same oids. Reading it takes 4 µs. No pinned search_path, so that it is inlined; it runs under that of
-- its callers.
create or replace function @privschema@.cluster_identifier()
returns bigint
language sql volatile parallel restricted
as $$
  select (pg_control_system()).system_identifier
$$;

revoke all on function @privschema@.cluster_identifier from public;
comment on function @privschema@.cluster_identifier is 'System identifier of this cluster.';
