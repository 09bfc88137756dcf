-- steadytext_daemon_connections under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_daemon_connections()
returns table (
  connection_id text, state text, last_used timestamptz, request_count bigint, error_count bigint, avg_response_time_ms double precision)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_daemon_connections()
$$;

revoke all on function @extschema@.st_daemon_connections from public;
comment on function @extschema@.st_daemon_connections is 'Short for steadytext_daemon_connections.';
