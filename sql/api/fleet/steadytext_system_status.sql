-- The workers that live. A paused fleet's workers say so also while they end what they have begun.
create or replace function @extschema@.steadytext_system_status()
returns table (
  worker_id uuid, worker text, host text, state text, model_size_mb double precision, memory_mb double precision, engines int,
  running int, version text, started_at timestamptz, last_heartbeat timestamptz)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select w.worker_id, w.name, w.host,
         case when w.state <> 'running' then w.state
              when @privschema@.is_paused() then 'paused'
              when e.running > 0 then 'active'
              else 'idle' end,
         m.bytes / 1048576, (e.bytes + coalesce((w.machine ->> 'workerBytes')::double precision, 0)) / 1048576, e.engines, e.running,
         w.version, w.started_at, w.heartbeat_at
  from @privschema@.live_workers() w
  cross join lateral (
    select coalesce(sum(o.bytes), 0)::double precision as bytes from @privschema@.open_models() o where o.worker_id = w.worker_id) m
  cross join lateral (
    select count(*) filter (where g.state = 'ready')::int as engines, coalesce(sum(g.running), 0)::int as running,
           coalesce(sum(g.resident_bytes) filter (where g.state = 'ready'), 0)::double precision as bytes
    from @privschema@.live_engines() g where g.worker_id = w.worker_id) e
  order by w.name, w.worker_id
$$;

revoke all on function @extschema@.steadytext_system_status from public;
comment on function @extschema@.steadytext_system_status is
  'Workers that live: active, idle, paused, starting or draining, with the memory of their open models and of all their processes.';
