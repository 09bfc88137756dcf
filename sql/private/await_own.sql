-- Waits for what enqueue_own enqueued, and cancels it where the wait ends otherwise than with a result: only a wait that ran out of time
-- has an error without a code of its own then. A cancelled wait is data as any other error, so that its caller commits the
-- cancel before it raises.
create or replace function @privschema@.await_own(p_answers jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := (p_answers #>> '{0,request_id}')::uuid;
  v_state text;
  v_message text;
  v_hint text;
begin
  if v_id is null then
    return p_answers;
  end if;
  return jsonb_build_array(jsonb_build_object('result',
    (@privschema@.wait_for_request(v_id, @privschema@.sync_wait_seconds())).result));
exception when query_canceled or others then
  get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint;
  if @extschema@.steadytext_cancel_async(v_id) and v_state = 'P0001' then
    return jsonb_build_array(@privschema@.error_answer('ST014',
      format('A result should come within sync_wait_seconds (%s), but has not', @privschema@.sync_wait_seconds()),
      'The request was cancelled. See whether a worker lives and the fleet is not paused (check_daemon_health()), or ask for less.'));
  end if;
  return jsonb_build_array(@privschema@.error_answer(v_state, v_message, v_hint));
end
$$;

revoke all on function @privschema@.await_own from public;
comment on function @privschema@.await_own is 'Waits for a generation of one''s own; cancels it if the wait ends without its result.';
