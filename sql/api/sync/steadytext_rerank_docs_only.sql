-- Rank documents by a query and wait for it: the documents alone, the best first.
create or replace function @extschema@.steadytext_rerank_docs_only(
  query text, documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  seed int default null, model text default null, on_error text default 'raise')
returns table (document text)
language plpgsql volatile parallel unsafe cost 100000 rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  return query
    select r.document from @extschema@.steadytext_rerank(query, documents, task, false, seed, model, on_error) r;
end
$$;

revoke all on function @extschema@.steadytext_rerank_docs_only from public;
comment on function @extschema@.steadytext_rerank_docs_only is
  'Ranks documents by a query and waits for it: the documents alone, the best first.';
