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
declare
  v_answers jsonb;
begin
  perform @privschema@.check_on_error(on_error, false);
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode)
  values ('sync rerank', array[query],
    jsonb_build_object('documents', documents, 'task', task, 'return_scores', false, 'seed', seed), model, false)
  returning answer into v_answers;
  return query
    select d.ranked ->> 'document'
    from jsonb_array_elements((@privschema@.sync_outcome(v_answers -> 0, on_error) ->> 'result')::jsonb)
      with ordinality as d (ranked, position)
    order by d.position;
end
$$;

revoke all on function @extschema@.steadytext_rerank_docs_only from public;
comment on function @extschema@.steadytext_rerank_docs_only is
  'Ranks documents by a query and waits for it: the documents alone, the best first.';
