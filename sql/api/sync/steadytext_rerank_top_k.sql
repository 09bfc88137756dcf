-- Rank documents by a query and wait for it: the best few.
create or replace function @extschema@.steadytext_rerank_top_k(
  query text, documents text[], top_k int,
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default null, model text default null, on_error text default 'raise')
returns table (document text, score double precision)
language plpgsql volatile parallel unsafe cost 100000 rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  perform @privschema@.check_on_error(on_error, false);
  if top_k is null or top_k <= 0 then
    perform @privschema@.sync_outcome(@privschema@.error_answer('P0001', 'top_k must be greater than 0',
      'Pass how many documents you want, the best first.'), on_error);
    return;
  end if;
  return query
    select r.document, r.score
    from @extschema@.steadytext_rerank(query, documents, task, return_scores, seed, model, on_error) r
    limit top_k;
end
$$;

revoke all on function @extschema@.steadytext_rerank_top_k from public;
comment on function @extschema@.steadytext_rerank_top_k is
  'Ranks documents by a query and waits for it: the best top_k.';
