-- Enqueue the ranking of the same documents by many queries: one request a query, one insert.
create or replace function @extschema@.steadytext_rerank_batch_async(
  queries text[], documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default 42, priority int default 5, model text default null,
  scheduled_at timestamptz default null, idempotency_key text default null)
returns uuid[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.check_batch(queries, 'Queries cannot be empty');
  return @privschema@.enqueue_rerank(queries, documents, task, return_scores, seed, priority, model, scheduled_at,
    idempotency_key, true);
end
$$;

revoke all on function @extschema@.steadytext_rerank_batch_async from public;
comment on function @extschema@.steadytext_rerank_batch_async is
  'Enqueues one ranking of the documents a query and gives their request ids in the order of the queries.';
