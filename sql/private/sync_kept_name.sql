-- Name under which a session keeps its connection of the side channel. Nobody can guess it, so nobody can have opened another
-- connection under it before.
create or replace function @privschema@.sync_kept_name()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'steadytext ' || left(@privschema@.sync_mac('connection', pg_backend_pid()::text), 40)
$$;

revoke all on function @privschema@.sync_kept_name from public;
comment on function @privschema@.sync_kept_name is 'Name of the connection that this session keeps for synchronous calls.';
