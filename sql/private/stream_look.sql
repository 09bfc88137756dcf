-- The next piece of a text, behind so many characters, for a role that may see the request: {"piece": …}, or {"answer": …} at its end. Whatever
-- ends the wait otherwise cancels the request.
create or replace function @privschema@.stream_look(
  p_role_name text, p_request_id uuid, p_after int, p_begun double precision)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most int := @privschema@.setting('sync_wait_seconds')::int;
  v_begun timestamptz := clock_timestamp();
  v_dblink text;
  v_keeps boolean;
  v_kept text := @privschema@.sync_kept_name();
  v_connection text;
  v_mac text := @privschema@.sync_mac('stream', p_request_id || ' ' || p_role_name);
  v_waited double precision;
  v_answer jsonb;
  v_state text;
  v_message text;
  v_hint text;
begin
  select r.dblink_schema, r.keeps into v_dblink, v_keeps from @privschema@.sync_route() r;
  v_connection := case when v_keeps then v_kept else 'steadytext ' || gen_random_uuid() end;
  while v_answer is null loop
    perform @privschema@.sync_late('More of a text', v_most, v_begun);
    v_waited := extract(epoch from clock_timestamp()) - p_begun;
    v_answer := @privschema@.sync_reach(v_dblink, v_connection, v_kept,
      format('select @privschema@.stream_wait(%L, %L, %L, %L, %L, %L)', p_role_name, p_request_id, v_mac, p_after, v_waited,
        least(v_most - extract(epoch from clock_timestamp() - v_begun), 5)), v_waited);
  end loop;
  if not v_keeps then
    execute format('select %I.dblink_disconnect($1)', v_dblink) using v_connection;
  end if;
  return v_answer;
exception when query_canceled or others then
  get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint;
  return jsonb_build_object('answer',
    @privschema@.sync_failure(v_state, v_message, v_hint, v_dblink, v_connection, p_role_name, array[p_request_id],
      null));
end
$$;

revoke all on function @privschema@.stream_look from public;
comment on function @privschema@.stream_look is 'Next piece of a text through the side channel, or the end of its request.';
