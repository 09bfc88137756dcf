-- The engines of the workers that live, one row each: what runs requests. Counts and times are since the worker's start.
create or replace function @extschema@.steadytext_daemon_connections()
returns table (
  connection_id text, state text, last_used timestamptz, request_count bigint, error_count bigint, avg_response_time_ms double precision)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select format('%s/%s/%s', e.worker, left(e.worker_id::text, 8), e.engine),
         case when e.state <> 'ready' then e.state when e.running > 0 then 'active' else 'idle' end,
         e.last_used, coalesce(e.requests, 0), coalesce(e.errors, 0), e.mean_ms
  from @privschema@.live_engines() e
  order by e.worker, e.worker_id, e.engine
$$;

revoke all on function @extschema@.steadytext_daemon_connections from public;
comment on function @extschema@.steadytext_daemon_connections is
  'Engines of the workers that live: active, idle, starting or dead, with their requests, failed ones, and mean time.';
