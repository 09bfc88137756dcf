-- The far end of the side channel, in a session and a transaction of its own: enqueues for the role that our function on the
-- near end names. Errors are data, so that the server's log does not get the statement, which holds the prompt, once more.
-- A lock is waited for but shortly: it may be one of the caller's own transaction, which waits for this.
create or replace function @privschema@.sync_enqueue(p_payload text, p_mac text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_call jsonb;
  v_ids uuid[];
  v_state text;
  v_message text;
  v_hint text;
begin
  perform @privschema@.check_sync_mac('enqueue', p_payload, p_mac);
  v_call := p_payload::jsonb;
  -- What was signed once is not good for ever.
  if abs(extract(epoch from clock_timestamp()) - (v_call ->> 'at')::numeric) > 60 then
    raise exception 'A call should come through the side channel at once, but this one is older than a minute'
      using errcode = 'invalid_authorization_specification', hint = 'Repeat it.';
  elsif v_call ->> 'database' is distinct from current_database() then
    -- The copy of a database has the original's server, and its key.
    raise exception using errcode = 'ST012',
      message = format('The side channel should lead to the database "%s", from which it is asked, but leads to "%s"',
        v_call ->> 'database', current_database()),
      hint = 'A database that was copied or renamed needs its own: an administrator runs steadytext setup sync there.';
  end if;
  perform set_config('steadytext.' || s.name, s.value, true) from jsonb_each_text(v_call -> 'session') as s (name, value);
  v_ids := @privschema@.enqueue_call(v_call ->> 'role_name', v_call ->> 'call', (v_call ->> 'inputs')::text[], v_call -> 'options',
    v_call ->> 'model', (v_call ->> 'unsafe_mode')::boolean, null, null, null);
  if v_call ->> 'stream_lock' is not null then
    perform @privschema@.open_stream(v_ids[1], (v_call ->> 'stream_lock')::bigint);
  end if;
  -- For a caller that was cancelled before it had read the answer.
  perform set_config('steadytext.enqueued',
    jsonb_build_object('call', md5(p_payload), 'request_ids', to_jsonb(v_ids))::text, false);
  return jsonb_build_object('request_ids', to_jsonb(v_ids));
exception
  when lock_not_available then
    return @privschema@.error_answer('ST015',
      'A synchronous call should be able to enqueue at once, but waits for a lock of another transaction, maybe of this one',
      'COMMIT what is open first: a call cannot wait for its own transaction. Then repeat it.');
  when others then
    get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint;
    if @privschema@.is_refusal(v_state, v_message) then
      perform @privschema@.record_refusal(v_call ->> 'role_name', 'steadytext_' || split_part(v_call ->> 'call', ' ', 1),
        v_message, null);
    end if;
    return @privschema@.error_answer(v_state, v_message, v_hint);
end
$$;

revoke all on function @privschema@.sync_enqueue from public;
comment on function @privschema@.sync_enqueue is
  'Enqueues for the role of a signed call; gives {"request_ids": […]} or {"error": …}.';
