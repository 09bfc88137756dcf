-- What migrate recorded last, so that a worker can say "not migrated" or "newer than this worker" before it claims
-- anything.
create or replace function @privschema@.schema_version()
returns int
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(max(m.number), 0) from @privschema@.applied_migrations m
$$;

revoke all on function @privschema@.schema_version from public;
comment on function @privschema@.schema_version is 'Number of the newest migration that was applied.';
