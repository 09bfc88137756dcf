-- Wait for the text of a request. Null for an embedding, which has no text.
create or replace function @extschema@.steadytext_get_async_result(request_id uuid, timeout_seconds int default 30)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return (@privschema@.wait_for_request(request_id, timeout_seconds)).result;
end
$$;

revoke all on function @extschema@.steadytext_get_async_result from public;
comment on function @extschema@.steadytext_get_async_result is
  'Waits for one of your requests and gives its text; raises when it failed, was cancelled, or takes longer.';
