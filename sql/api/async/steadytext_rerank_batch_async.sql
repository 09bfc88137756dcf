-- Enqueue the ranking of the same documents by many queries: one request a query, one insert.
create or replace function @extschema@.steadytext_rerank_batch_async(
  queries text[], documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default null, priority int default 5, model text default null,
  scheduled_at timestamptz default null, idempotency_key text default null,
  into_table regclass default null, into_column text default null, into_keys jsonb[] default null,
  from_column text default null)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls
    (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back)
  values ('rerank batch', queries,
    jsonb_build_object('documents', documents, 'task', task, 'return_scores', return_scores, 'seed', seed),
    model, false, priority, scheduled_at, idempotency_key,
    case when num_nonnulls(into_table, into_column, into_keys, from_column) > 0 then
      @privschema@.write_back_of('rerank', into_table, into_column, into_keys, from_column) end)
  returning request_ids into v_ids;
  return v_ids;
end
$$;

revoke all on function @extschema@.steadytext_rerank_batch_async from public;
comment on function @extschema@.steadytext_rerank_batch_async is
  'Enqueues one ranking of the documents a query and gives their request ids in the order of the queries.';
