-- Called by whoever is about to raise for a rule of the administrator's: the raise takes back all that this transaction wrote, so
-- a session of its own writes it down, through the side channel. Where there is none, the server's log has the error and nothing
-- else does. Who is not refused never comes here. Whoever makes thousands a second is noted a hundred times of them, and is
-- held up by each. The role is the session's, as for all that only the log asks; calls at the far end are noted there.
create or replace function @privschema@.note_refusal(p_function_name text, p_message text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = error
as $$
declare
  v_role text := @privschema@.login_name();
  v_dblink text;
  v_keeps boolean;
  v_kept text;
  v_connection text;
  v_payload text;
begin
  if session_user = '@roleprefix@steadytext_sync' or exists (
    select from @privschema@.refusals r
    where r.role_name = v_role and r.refused_at = date_trunc('second', clock_timestamp()) and r.calls >= 100)
  then
    return;
  end if;
  select r.dblink_schema, r.keeps into v_dblink, v_keeps from @privschema@.sync_route() r;
  v_kept := @privschema@.sync_kept_name();
  v_connection := case when v_keeps then v_kept else 'steadytext ' || gen_random_uuid() end;
  v_payload := jsonb_build_object('database', current_database(), 'role_name', v_role, 'function_name', p_function_name,
    'message', left(p_message, 500), 'client_addr', inet_client_addr(), 'at', extract(epoch from clock_timestamp()))::text;
  perform @privschema@.sync_connect(v_dblink, v_connection, v_kept);
  perform @privschema@.sync_ask(v_dblink, v_connection, format('select @privschema@.sync_refused(%L, %L)', v_payload,
    @privschema@.sync_mac('refused', v_payload)), 0);
  if not v_keeps then
    execute format('select %I.dblink_disconnect($1)', v_dblink) using v_connection;
  end if;
exception when query_canceled or others then
  perform @privschema@.sync_abandon(v_dblink, v_connection, null, '{}', null);
end
$$;

revoke all on function @privschema@.note_refusal from public;
comment on function @privschema@.note_refusal is 'Has a refused call counted by a session of its own.';
