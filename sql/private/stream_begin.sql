-- A generation whose text is read while it is made, for the role that asks for it: {"request_id": …}, or {"answer": …} where that is known
-- already or it was refused. See sync_call; between two looks no statement runs, so several streams of a session share its connection.
create or replace function @privschema@.stream_begin(
  p_role_name text, p_inputs text[], p_options jsonb, p_model text, p_unsafe_mode boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_dblink text;
  v_keeps boolean;
  v_kept text := @privschema@.sync_kept_name();
  v_connection text;
  v_payload text;
  v_enqueued jsonb;
  v_known jsonb := @privschema@.sync_cached(p_role_name, 'generate', p_inputs, p_options, p_model, p_unsafe_mode);
  v_state text;
  v_message text;
  v_hint text;
begin
  if v_known is not null then
    return jsonb_build_object('answer', v_known -> 0);
  end if;
  select r.dblink_schema, r.keeps into v_dblink, v_keeps from @privschema@.sync_route() r;
  v_connection := case when v_keeps then v_kept else 'steadytext ' || gen_random_uuid() end;
  v_payload := @privschema@.sync_payload(
    p_role_name, 'generate', p_inputs, p_options, p_model, p_unsafe_mode, @privschema@.stream_lock());
  v_enqueued := @privschema@.sync_begin(v_dblink, v_connection, v_kept, v_payload);
  if not v_keeps then
    execute format('select %I.dblink_disconnect($1)', v_dblink) using v_connection;
  end if;
  if v_enqueued ? 'error' then
    return jsonb_build_object('answer', v_enqueued);
  end if;
  return jsonb_build_object('request_id', v_enqueued #> '{request_ids,0}');
exception when query_canceled or others then
  get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint;
  return jsonb_build_object('answer',
    @privschema@.sync_failure(v_state, v_message, v_hint, v_dblink, v_connection, p_role_name, null, v_payload));
end
$$;

revoke all on function @privschema@.stream_begin from public;
comment on function @privschema@.stream_begin is 'Enqueues a generation whose text is read while it is made.';
