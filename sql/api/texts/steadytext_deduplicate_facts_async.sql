-- Enqueue one call of steadytext_deduplicate_facts.
create or replace function @extschema@.steadytext_deduplicate_facts_async(
  facts_array jsonb, similarity_threshold double precision default 0.85, use_cache boolean default true,
  seed int default null, priority int default 5, model text default null, scheduled_at timestamptz default null,
  idempotency_key text default null, unsafe_mode boolean default false)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
-- A double precision becomes JSON by way of its text.
set extra_float_digits = 1
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key)
  values ('deduplicate_facts', array[facts_array::text],
    jsonb_build_object('similarity_threshold', similarity_threshold, 'use_cache', use_cache, 'seed', seed),
    model, unsafe_mode, priority, scheduled_at, idempotency_key)
  returning request_ids into v_ids;
  return v_ids[1];
end
$$;

revoke all on function @extschema@.steadytext_deduplicate_facts_async from public;
comment on function @extschema@.steadytext_deduplicate_facts_async is
  'Enqueues steadytext_deduplicate_facts and gives the request id. COMMIT, then wait with steadytext_get_async_result_json.';
