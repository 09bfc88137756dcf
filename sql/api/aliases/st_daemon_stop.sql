-- steadytext_daemon_stop under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_daemon_stop()
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_daemon_stop()
$$;

revoke all on function @extschema@.st_daemon_stop from public;
comment on function @extschema@.st_daemon_stop is 'Short for steadytext_daemon_stop.';
