-- steadytext_rerank_batch_async under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_rerank_batch_async(
  queries text[], documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default null, priority int default 5, model text default null,
  scheduled_at timestamptz default null, idempotency_key text default null,
  into_table regclass default null, into_column text default null, into_keys jsonb[] default null,
  from_column text default null)
returns uuid[]
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_rerank_batch_async(queries, documents, task, return_scores, seed, priority, model,
    scheduled_at, idempotency_key, into_table, into_column, into_keys, from_column)
$$;

revoke all on function @extschema@.st_rerank_batch_async from public;
comment on function @extschema@.st_rerank_batch_async is 'Short for steadytext_rerank_batch_async.';
