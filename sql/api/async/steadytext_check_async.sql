-- How a request is doing, without waiting: no row for an unknown one. Runs with the caller's rights, so the view
-- says whose rows there are. VOLATILE, because a stable function would not see what the same statement has enqueued.
create or replace function @extschema@.steadytext_check_async(request_id uuid)
returns table (
  status text, result text, results text[], embedding real[], embeddings real[], error text, created_at timestamptz,
  completed_at timestamptz, processing_time_ms int, request_type text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select q.status, q.result, q.results, @privschema@.fitted_embedding(q.embedding, 'raise'), q.embeddings, q.error,
           q.created_at, q.completed_at, q.processing_time_ms, q.request_type
    from @extschema@.steadytext_requests q
    where q.request_id = steadytext_check_async.request_id;
end
$$;

revoke all on function @extschema@.steadytext_check_async from public;
comment on function @extschema@.steadytext_check_async is 'Status and result of one of your requests, without waiting.';
