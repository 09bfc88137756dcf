-- Wait for the JSON of a request, such as a ranking.
create or replace function @extschema@.steadytext_get_async_result_json(request_id uuid, timeout_seconds int default 30)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request record := @privschema@.wait_for_request(request_id, timeout_seconds);
begin
  if v_request.result is not null then
    return v_request.result::jsonb;
  end if;
  perform @privschema@.raise_option('request_id', 'a request''s with JSON',
    v_request.request_type || ' request ' || request_id,
    'Use steadytext_get_async_result_embedding.');
  return null;
-- No JSON, or none that jsonb holds: NUL, a number beyond numeric, too deep, too long.
exception when data_exception or program_limit_exceeded then
  perform @privschema@.raise_option('request_id', 'a request''s with JSON',
    v_request.request_type || ' request ' || request_id,
    'Its result is text that jsonb cannot hold: use steadytext_get_async_result.');
  return null;
end
$$;

revoke all on function @extschema@.steadytext_get_async_result_json from public;
comment on function @extschema@.steadytext_get_async_result_json is
  'Waits for one of your requests whose result is JSON, such as a ranking, and gives it.';
