-- The setting sync_wait_seconds, for whoever waits: users do not read the table of settings.
create or replace function @privschema@.sync_wait_seconds()
returns int
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select @privschema@.setting('sync_wait_seconds')::int
$$;

revoke all on function @privschema@.sync_wait_seconds from public;
comment on function @privschema@.sync_wait_seconds is 'Most seconds that a synchronous call waits.';
