-- steadytext_rerank_docs_only under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_rerank_docs_only(
  query text, documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  seed int default null, model text default null, on_error text default 'raise')
returns table (document text)
language sql volatile parallel unsafe cost 100000 rows 10
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_rerank_docs_only(query, documents, task, seed, model, on_error)
$$;

revoke all on function @extschema@.st_rerank_docs_only from public;
comment on function @extschema@.st_rerank_docs_only is 'Short for steadytext_rerank_docs_only.';
