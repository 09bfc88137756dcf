-- steadytext_daemon_status under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_daemon_status()
returns table (
  daemon_id text, status text, endpoint text, last_heartbeat timestamptz, uptime_seconds int, daemon_running boolean,
  daemon_host text, daemon_port int)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_daemon_status()
$$;

revoke all on function @extschema@.st_daemon_status from public;
comment on function @extschema@.st_daemon_status is 'Short for steadytext_daemon_status.';
