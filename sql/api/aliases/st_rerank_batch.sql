-- steadytext_rerank_batch under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_rerank_batch(
  queries text[], documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default null, model text default null, on_error text default 'raise')
returns table (query_index int, document text, score double precision)
language sql volatile parallel unsafe cost 100000 rows 10
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_rerank_batch(queries, documents, task, return_scores, seed, model, on_error)
$$;

revoke all on function @extschema@.st_rerank_batch from public;
comment on function @extschema@.st_rerank_batch is 'Short for steadytext_rerank_batch.';
