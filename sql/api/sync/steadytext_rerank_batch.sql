-- Rank the same documents by each of several queries and wait for all: queries count from 0. With on_error null the rows of a query that failed
-- are left out.
create or replace function @extschema@.steadytext_rerank_batch(
  queries text[], documents text[],
  task text default 'Given a web search query, retrieve relevant passages that answer the query',
  return_scores boolean default true, seed int default null, model text default null, on_error text default 'raise')
returns table (query_index int, document text, score double precision)
language plpgsql volatile parallel unsafe cost 100000 rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answers jsonb;
begin
  perform @privschema@.check_on_error(on_error, false);
  v_answers := @privschema@.sync_run('rerank batch', queries,
    jsonb_build_object('documents', documents, 'task', task, 'return_scores', return_scores, 'seed', seed), model, false);
  return query
    select (a.position - 1)::int, d.ranked ->> 'document', (d.ranked ->> 'score')::double precision
    from jsonb_array_elements(v_answers) with ordinality as a (answer, position)
    cross join lateral jsonb_array_elements((@privschema@.sync_outcome(a.answer, on_error) ->> 'result')::jsonb)
      with ordinality as d (ranked, position)
    order by a.position, d.position;
end
$$;

revoke all on function @extschema@.steadytext_rerank_batch from public;
comment on function @extschema@.steadytext_rerank_batch is
  'Ranks documents by each of several queries and waits for all: query_index counts from 0.';
