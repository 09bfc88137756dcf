-- What each worker says it serves, of those that live: a heartbeat comes every five seconds, and who has been silent for
-- thirty has ended without a goodbye or cannot reach the database.
create or replace function @privschema@.served_models()
returns table (worker_id uuid, state text, name text, kind text, digest text, max_tokens int, dimension int)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select w.worker_id, w.state, m.name, m.kind, m.digest, m.max_tokens, m.dimension
  from @extschema@.steadytext_workers w
  cross join jsonb_to_recordset(w.models) as m (name text, kind text, digest text, max_tokens int, dimension int)
  where w.heartbeat_at > clock_timestamp() - interval '30 seconds'
$$;

revoke all on function @privschema@.served_models from public;
comment on function @privschema@.served_models is 'The models of the workers that live, by worker.';
