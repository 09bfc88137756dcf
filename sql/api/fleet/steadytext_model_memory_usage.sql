-- What open models take: a row for each model in each engine. What is closed takes nothing and has no row.
create or replace function @extschema@.steadytext_model_memory_usage()
returns table (
  model text, kind text, format text, worker_id uuid, worker text, engine int, memory_bytes bigint, last_used timestamptz)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select o.model, o.kind, o.format, o.worker_id, o.worker, o.engine, o.bytes, o.last_used
  from @privschema@.open_models() o
  order by o.worker, o.worker_id, o.engine, o.kind desc, o.model
$$;

revoke all on function @extschema@.steadytext_model_memory_usage from public;
comment on function @extschema@.steadytext_model_memory_usage is 'Memory of each open model in each engine, with its number format.';
