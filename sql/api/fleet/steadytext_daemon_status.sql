-- The fleet as one thing, under the name that other systems have for it: always one row. Nothing connects to a worker, so the
-- endpoint is this database, where workers and applications meet, and the port is only what the setting says.
create or replace function @extschema@.steadytext_daemon_status()
returns table (
  daemon_id text, status text, endpoint text, last_heartbeat timestamptz, uptime_seconds int, daemon_running boolean,
  daemon_host text, daemon_port int)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'default',
         case when l.workers = 0 and a.last_heartbeat is null then 'unknown'
              when l.workers = 0 then 'unhealthy'
              when l.running > 0 and @privschema@.is_paused() then 'paused'
              when l.running > 0 then 'healthy'
              when l.starting > 0 then 'starting'
              else 'stopping' end,
         'postgresql:///' || current_database(), a.last_heartbeat,
         extract(epoch from clock_timestamp() - l.since)::int, l.workers > 0, l.host,
         @privschema@.setting('daemon_port')::int
  from (select max(w.heartbeat_at) as last_heartbeat from @extschema@.steadytext_workers w) a
  cross join (
    select count(*) as workers, count(*) filter (where w.state = 'running') as running,
           count(*) filter (where w.state = 'starting') as starting, min(w.started_at) as since,
           (array_agg(w.host order by w.state = 'running' desc, w.started_at))[1] as host
    from @privschema@.live_workers() w
  ) l
$$;

revoke all on function @extschema@.steadytext_daemon_status from public;
comment on function @extschema@.steadytext_daemon_status is
  'The fleet in one row: whether a worker lives, since when one has, and where the oldest is.';
