-- steadytext_get_async_result_embedding under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_get_async_result_embedding(
  request_id uuid, timeout_seconds int default 30)
returns real[]
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_get_async_result_embedding(request_id, timeout_seconds)
$$;

revoke all on function @extschema@.st_get_async_result_embedding from public;
comment on function @extschema@.st_get_async_result_embedding is 'Short for steadytext_get_async_result_embedding.';
