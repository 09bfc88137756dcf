-- As in sql/api/async, but with the types of pgvector: what is assigned is cast, wherever pgvector lies. Nothing makes several embeddings of one request.
create or replace function @extschema@.steadytext_check_async(request_id uuid)
returns table (
  status text, result text, results text[], embedding @vectorschema@.vector, embeddings @vectorschema@.vector[], error text, created_at timestamptz,
  completed_at timestamptz, processing_time_ms int, request_type text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  select q.status, q.result, q.results, @privschema@.fitted_embedding(q.embedding, 'raise'), q.error, q.created_at, q.completed_at,
         q.processing_time_ms, q.request_type
    into status, result, results, embedding, error, created_at, completed_at, processing_time_ms, request_type
  from @extschema@.steadytext_requests q
  where q.request_id = steadytext_check_async.request_id;
  if found then
    return next;
  end if;
end
$$;

revoke all on function @extschema@.steadytext_check_async from public;
comment on function @extschema@.steadytext_check_async is 'Status and result of one of your requests, without waiting.';
