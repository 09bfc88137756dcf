-- After a call that came to no answer: what it may have enqueued is cancelled, and its connection closed. All of it in half a
-- second at most, for somebody waits for the end of a cancelled statement. Without ids it was the enqueue that was broken off: it may have
-- committed all the same.
create or replace function @privschema@.sync_abandon(
  p_dblink text, p_connection text, p_role_name text, p_request_ids uuid[], p_payload text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = error
as $$
declare
  v_ids uuid[] := p_request_ids;
  v_result text;
  v_answer jsonb;
begin
  if p_connection is null then
    return;
  end if;
  v_result := format('select r.answer from %I.dblink_get_result($1, false) as r (answer jsonb)', p_dblink);
  -- A second cancel, as of somebody who presses Ctrl-C again, breaks off the first try.
  for v_try in 1..3 loop
    begin
      execute format('select %I.dblink_cancel_query($1)', p_dblink) using p_connection;
      perform @privschema@.sync_settle(p_dblink, p_connection);
      execute v_result into v_answer using p_connection;
      if v_ids is null then
        -- It was enqueued after all, just before the cancel.
        v_ids := array(select i.request_id::uuid from jsonb_array_elements_text(v_answer -> 'request_ids') as i (request_id));
      end if;
      execute v_result using p_connection;
      if cardinality(v_ids) = 0 and p_request_ids is null then
        -- Its answer was read, and lost with the statement that had read it: the far end remembers.
        v_ids := @privschema@.sync_enqueued(p_dblink, p_connection, p_payload);
      end if;
      if cardinality(v_ids) > 0 then
        execute format('select %I.dblink_send_query($1, $2)', p_dblink) using p_connection,
          format('select @privschema@.sync_cancel(%L, %L, %L)', p_role_name, v_ids,
            @privschema@.sync_mac('cancel', v_ids::text || ' ' || p_role_name));
        perform @privschema@.sync_settle(p_dblink, p_connection);
      end if;
      exit;
    exception
      when query_canceled then
        null;
      when others then
        exit;
    end;
  end loop;
  execute format('select %I.dblink_disconnect($1)', p_dblink) using p_connection;
exception when query_canceled or others then
  null;
end
$$;

revoke all on function @privschema@.sync_abandon from public;
comment on function @privschema@.sync_abandon is 'Cancels what a synchronous call enqueued, and closes its connection.';
