-- steadytext_get_async_result_json under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_get_async_result_json(request_id uuid, timeout_seconds int default 30)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_get_async_result_json(request_id, timeout_seconds)
$$;

revoke all on function @extschema@.st_get_async_result_json from public;
comment on function @extschema@.st_get_async_result_json is 'Short for steadytext_get_async_result_json.';
