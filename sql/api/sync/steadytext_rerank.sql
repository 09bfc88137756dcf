-- Rank documents by a query and wait for it: the best first.
create or replace function @extschema@.steadytext_rerank(
  query text, documents text[],
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
  v_answers := @privschema@.sync_run('rerank', array[query],
    jsonb_build_object('documents', documents, 'task', task, 'return_scores', return_scores, 'seed', seed), model, false);
  return query
    select d.ranked ->> 'document', (d.ranked ->> 'score')::double precision
    from jsonb_array_elements((@privschema@.sync_outcome(v_answers -> 0, on_error) ->> 'result')::jsonb)
      with ordinality as d (ranked, position)
    order by d.position;
end
$$;

revoke all on function @extschema@.steadytext_rerank from public;
comment on function @extschema@.steadytext_rerank is
  'Ranks documents by a query and waits for it: the best first, with their scores unless return_scores is false.';
