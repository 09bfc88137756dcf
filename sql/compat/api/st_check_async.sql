-- As in sql/api/aliases, but with the types of pgvector.
create or replace function @extschema@.st_check_async(request_id uuid)
returns table (
  status text, result text, results text[], embedding @vectorschema@.vector, embeddings @vectorschema@.vector[], error text, created_at timestamptz,
  completed_at timestamptz, processing_time_ms int, request_type text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_check_async(request_id)
$$;

revoke all on function @extschema@.st_check_async from public;
comment on function @extschema@.st_check_async is 'Short for steadytext_check_async.';
