-- Enqueues through the side channel. A connection that the session has kept may have ended since, as by idle_session_timeout:
-- then it is opened again, once.
create or replace function @privschema@.sync_begin(p_dblink text, p_connection text, p_kept text, p_payload text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_statement text := format('select @privschema@.sync_enqueue(%L, %L)', p_payload, @privschema@.sync_mac('enqueue', p_payload));
begin
  if @privschema@.sync_connect(p_dblink, p_connection, p_kept) then
    begin
      return @privschema@.sync_ask(p_dblink, p_connection, v_statement, 0);
    exception when others then
      -- Class 08, and what the server says as it ends a session.
      if sqlstate !~ '^(08|57P)' then
        raise;
      end if;
      execute format('select %I.dblink_disconnect($1)', p_dblink) using p_connection;
    end;
    perform @privschema@.sync_connect(p_dblink, p_connection, p_kept);
  end if;
  return @privschema@.sync_ask(p_dblink, p_connection, v_statement, 0);
end
$$;

revoke all on function @privschema@.sync_begin from public;
comment on function @privschema@.sync_begin is 'Opens the side channel and enqueues; gives {"request_ids": […]} or {"error": …}.';
