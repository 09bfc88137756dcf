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
declare
  v_answers jsonb;
begin
  perform @privschema@.check_on_error(on_error, false);
  if top_k is null or top_k <= 0 then
    perform @privschema@.sync_outcome(@privschema@.error_answer('P0001', 'top_k must be greater than 0',
      'Pass how many documents you want, the best first.'), on_error);
    return;
  end if;
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode)
  values ('sync rerank', array[query],
    jsonb_build_object('documents', documents, 'task', task, 'return_scores', return_scores, 'seed', seed), model, false)
  returning answer into v_answers;
  return query
    select d.ranked ->> 'document', (d.ranked ->> 'score')::double precision
    from jsonb_array_elements((@privschema@.sync_outcome(v_answers -> 0, on_error) ->> 'result')::jsonb)
      with ordinality as d (ranked, position)
    order by d.position
    limit top_k;
end
$$;

revoke all on function @extschema@.steadytext_rerank_top_k from public;
comment on function @extschema@.steadytext_rerank_top_k is
  'Ranks documents by a query and waits for it: the best top_k.';
