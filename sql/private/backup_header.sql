-- What a backup says of itself. Its rows have the shape of their tables after the newest migration, so that is its version.
create or replace function @privschema@.backup_header()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('format', 1, 'migration', @privschema@.schema_version(), 'release', i.release,
    'server', current_setting('server_version'), 'database', current_database(), 'taken_at', now())
  from @privschema@.installation i
$$;

revoke all on function @privschema@.backup_header from public;
comment on function @privschema@.backup_header is 'The first line of a backup: its format, its version, and where it is from.';
