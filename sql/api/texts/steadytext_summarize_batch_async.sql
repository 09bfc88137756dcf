-- Enqueue summaries of many texts with the same options: one insert, however many. Their metadata counts as in steadytext_summarize_text.
create or replace function @extschema@.steadytext_summarize_batch_async(
  texts text[], max_tokens int default null, use_cache boolean default true, seed int default null, priority int default 5,
  model text default null, scheduled_at timestamptz default null, idempotency_key text default null,
  unsafe_mode boolean default false, metadata jsonb default '{}')
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key)
  values ('summarize batch', texts, @privschema@.summary_options(metadata, max_tokens, use_cache, seed),
    coalesce(model, metadata ->> 'model'), coalesce(unsafe_mode, false) or coalesce(metadata -> 'unsafe_mode' = 'true', false),
    priority, scheduled_at, idempotency_key)
  returning request_ids into v_ids;
  return v_ids;
end
$$;

revoke all on function @extschema@.steadytext_summarize_batch_async from public;
comment on function @extschema@.steadytext_summarize_batch_async is
  'Enqueues a summary of each text and gives their request ids in the order of the texts.';
