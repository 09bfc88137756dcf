-- steadytext_check_async under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_check_async(request_id uuid)
returns table (
  status text, result text, results text[], embedding real[], embeddings real[], error text, created_at timestamptz,
  completed_at timestamptz, processing_time_ms int, request_type text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_check_async(request_id)
$$;

revoke all on function @extschema@.st_check_async from public;
comment on function @extschema@.st_check_async is 'Short for steadytext_check_async.';
