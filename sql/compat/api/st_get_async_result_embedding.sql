-- As in sql/api/aliases, but gives a vector.
create or replace function @extschema@.st_get_async_result_embedding(
  request_id uuid, timeout_seconds int default 30)
returns @vectorschema@.vector
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_get_async_result_embedding(request_id, timeout_seconds)
$$;

revoke all on function @extschema@.st_get_async_result_embedding from public;
comment on function @extschema@.st_get_async_result_embedding is 'Short for steadytext_get_async_result_embedding.';
