-- Engines of the workers that live, numbered from 1 in each. Times are told as ages, by the worker's clock, and reckoned back from its
-- heartbeat. What a worker of an older release does not tell is null.
create or replace function @privschema@.live_engines()
returns table (
  worker_id uuid, worker text, engine int, state text, resident_bytes bigint, running int, requests bigint, errors bigint,
  mean_ms double precision, last_used timestamptz, heartbeat_at timestamptz, models jsonb, served jsonb)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select w.worker_id, w.name, e.engine::int, e.state, e.resident_bytes, e.running, e.requests, e.errors, e.mean_ms,
         w.heartbeat_at - make_interval(secs => e.idle_ms / 1000), w.heartbeat_at, coalesce(e.models, '[]'), w.models
  from @privschema@.live_workers() w
  cross join lateral rows from (jsonb_to_recordset(w.engines) as (
    state text, "residentBytes" bigint, running int, requests bigint, errors bigint, "meanMs" double precision,
    "idleMs" double precision, models jsonb
  )) with ordinality as e (state, resident_bytes, running, requests, errors, mean_ms, idle_ms, models, engine)
$$;

revoke all on function @privschema@.live_engines from public;
comment on function @privschema@.live_engines is 'Engines of the workers that live.';
