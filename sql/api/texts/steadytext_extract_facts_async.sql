-- Enqueue one call of steadytext_extract_facts.
create or replace function @extschema@.steadytext_extract_facts_async(
  input_text text, max_facts int default 10, use_cache boolean default true, seed int default null, priority int default 5,
  model text default null, scheduled_at timestamptz default null, idempotency_key text default null,
  unsafe_mode boolean default false)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key)
  values ('extract_facts', array[input_text], jsonb_build_object('max_facts', max_facts, 'use_cache', use_cache, 'seed', seed), model, unsafe_mode,
    priority, scheduled_at, idempotency_key)
  returning request_ids into v_ids;
  return v_ids[1];
end
$$;

revoke all on function @extschema@.steadytext_extract_facts_async from public;
comment on function @extschema@.steadytext_extract_facts_async is
  'Enqueues steadytext_extract_facts and gives the request id. COMMIT, then wait with steadytext_get_async_result_json.';
