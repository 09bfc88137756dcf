-- Whether a worker lives, and claims.
create or replace function @privschema@.diagnose_daemon()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Daemon Status',
         case when not s.daemon_running then 'ERROR' when s.status = 'healthy' then 'OK' else 'WARNING' end,
         case when s.daemon_running then format('Daemon running on %s:%s (%s)', s.daemon_host, s.daemon_port, s.status)
              else 'Daemon not running' end,
         case when not s.daemon_running then 'Start daemon: steadytext worker'
              when s.status = 'paused' then 'Resume it: select steadytext_daemon_start()'
              when s.status = 'healthy' then 'No action needed'
              else 'Wait until it has started, or start a worker: steadytext worker' end
  from @extschema@.steadytext_daemon_status() s
$$;

revoke all on function @privschema@.diagnose_daemon from public;
comment on function @privschema@.diagnose_daemon is 'Whether a worker lives.';
