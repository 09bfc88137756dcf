-- What the two functions for reranking share: one request a query, each with all the documents.
create or replace function @privschema@.enqueue_rerank(
  p_queries text[], p_documents text[], p_task text, p_return_scores boolean, p_seed int, p_priority int, p_model text,
  p_scheduled_at timestamptz, p_idempotency_key text, p_is_batch boolean)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if array_ndims(p_documents) > 1 then
    perform @privschema@.raise_option('documents', 'an array of one dimension',
      format('one of %s', array_ndims(p_documents)), 'Rank one list of texts a call.');
  end if;
  if array_position(p_documents, null) is not null then
    raise exception 'Documents cannot contain null elements'
      using hint = 'Leave nulls out: array_remove(documents, null).';
  end if;
  return @privschema@.enqueue_requests('rerank', p_queries, jsonb_build_object(
      'documents', p_documents, 'task', p_task, 'return_scores', p_return_scores, 'seed', p_seed),
    p_model, false, p_priority, p_scheduled_at, p_idempotency_key, p_is_batch);
end
$$;

revoke all on function @privschema@.enqueue_rerank from public;
comment on function @privschema@.enqueue_rerank is
  'Enqueues rerank requests that share their documents and options.';
