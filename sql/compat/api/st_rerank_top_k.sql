-- As in sql/api/aliases, but the number is called k, and is 5 where it is left out.
create or replace function @extschema@.st_rerank_top_k(
  query text, documents text[], k int default 5,
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default null, model text default null, on_error text default 'raise')
returns table (document text, score double precision)
language sql volatile parallel unsafe cost 100000 rows 10
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_rerank_top_k(query, documents, k, task, return_scores, seed, model, on_error)
$$;

revoke all on function @extschema@.st_rerank_top_k from public;
comment on function @extschema@.st_rerank_top_k is 'Short for steadytext_rerank_top_k.';
