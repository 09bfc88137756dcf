-- steadytext_get_async_result under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_get_async_result(request_id uuid, timeout_seconds int default 30)
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_get_async_result(request_id, timeout_seconds)
$$;

revoke all on function @extschema@.st_get_async_result from public;
comment on function @extschema@.st_get_async_result is 'Short for steadytext_get_async_result.';
