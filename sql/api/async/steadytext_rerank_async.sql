-- Enqueue the ranking of documents by a query.
create or replace function @extschema@.steadytext_rerank_async(
  query text, documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default null, priority int default 5, model text default null,
  scheduled_at timestamptz default null, idempotency_key text default null,
  into_table regclass default null, into_column text default null, into_key jsonb default null,
  from_column text default null)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls
    (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back)
  values ('rerank', array[query],
    jsonb_build_object('documents', documents, 'task', task, 'return_scores', return_scores, 'seed', seed),
    model, false, priority, scheduled_at, idempotency_key,
    case when num_nonnulls(into_table, into_column, into_key, from_column) > 0 then
      @privschema@.write_back_of('rerank', into_table, into_column, array[into_key], from_column) end)
  returning request_ids into v_ids;
  return v_ids[1];
end
$$;

revoke all on function @extschema@.steadytext_rerank_async from public;
comment on function @extschema@.steadytext_rerank_async is
  'Enqueues the ranking of documents by a query and gives its request id; see steadytext_get_async_result_json.';
