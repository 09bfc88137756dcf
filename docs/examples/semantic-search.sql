-- Search by meaning: documents near the query by their embeddings, then ranked. Behind facts.sql, which makes the documents.

-- All of them are enqueued at once, in one insert; the statement commits, and the fleet begins.
create temporary table asked as
select a.id, a.request_id
from (select array_agg(d.id order by d.id) as ids, steadytext_embed_batch_async(array_agg(d.content order by d.id)) as request_ids
      from documents d where d.embedding is null) b
cross join lateral unnest(b.ids, b.request_ids) as a (id, request_id);

-- Waits for each. A vector column takes what comes as it is.
update documents d
set embedding = steadytext_get_async_result_embedding(a.request_id, timeout_seconds => 300)
from asked a
where a.id = d.id;

-- An index serves the operator that its class is for: <=> or <->. IVFFlat divides the rows that are there when it is made, and looks
-- into ivfflat.probes of its lists; HNSW needs no rows beforehand, and finds more of what is near.
create index idx_documents_embedding_cosine on documents using hnsw (embedding vector_cosine_ops);
create index idx_documents_embedding_l2 on documents using ivfflat (embedding vector_l2_ops) with (lists = 20);
analyze documents;

-- The nearest three times as many as are wanted, then a ranking of these. A similarity of 0.3 is already much with small models, which
-- say 0.7 of paraphrases only. An aggregate over a window cannot be an argument of a function beside it in FROM, so the candidates are gathered first.
create function semantic_search_with_rerank(
  query_text text, limit_results int default 10, similarity_threshold float default 0.3)
returns table (doc_id int, content text, vector_similarity float, rerank_score float, final_score float)
language plpgsql
as $$
#variable_conflict use_column
declare
  query_embedding vector := steadytext_embed(query_text);
  ids int[];
  contents text[];
  similarities float[];
begin
  select array_agg(c.id order by c.similarity desc), array_agg(c.content order by c.similarity desc),
         array_agg(c.similarity order by c.similarity desc)
  into ids, contents, similarities
  from (select d.id, d.content, 1 - (d.embedding <=> query_embedding) as similarity
        from documents d
        order by d.embedding <=> query_embedding
        limit limit_results * 3) c
  where c.similarity > similarity_threshold;
  if ids is null then
    return;
  end if;
  return query
    select c.id, c.content, c.similarity, r.score, 0.6 * r.score + 0.4 * c.similarity
    from unnest(ids, contents, similarities) as c (id, content, similarity)
    join (select document, max(score) as score
          from steadytext_rerank(query_text, contents, 'semantic search reranking')
          group by document) r on r.document = c.content
    order by 5 desc
    limit limit_results;
end
$$;

select content, round(final_score::numeric, 2) as score
from semantic_search_with_rerank('Which metal is liquid?', 3);
select content, round(final_score::numeric, 2) as score
from semantic_search_with_rerank('an animal with a trunk', 3);
