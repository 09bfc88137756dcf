-- Models that are open in an engine: a row for each engine. One that does not run has none.
create or replace function @privschema@.open_models()
returns table (
  model text, kind text, format text, worker_id uuid, worker text, engine int, bytes bigint, last_used timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select m.name, s.kind, m.format, e.worker_id, e.worker, e.engine, m.bytes,
         e.heartbeat_at - make_interval(secs => m."idleMs" / 1000)
  from @privschema@.live_engines() e
  cross join lateral jsonb_to_recordset(e.models)
    as m (name text, resident boolean, format text, bytes bigint, "idleMs" double precision)
  left join lateral (
    select k.kind from jsonb_to_recordset(e.served) as k (name text, kind text) where k.name = m.name limit 1) s on true
  where m.resident and e.state = 'ready'
$$;

revoke all on function @privschema@.open_models from public;
comment on function @privschema@.open_models is 'Models that are open in an engine of a worker that lives.';
