-- Asks through the side channel what may be asked twice, or was not heard the first time. A connection that the session has kept may
-- have ended since, as by idle_session_timeout: then it is opened again, once.
create or replace function @privschema@.sync_reach(
  p_dblink text, p_connection text, p_kept text, p_statement text, p_waited double precision)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if @privschema@.sync_connect(p_dblink, p_connection, p_kept) then
    begin
      return @privschema@.sync_ask(p_dblink, p_connection, p_statement, p_waited);
    exception when others then
      -- Class 08, and what the server says as it ends a session.
      if sqlstate !~ '^(08|57P)' then
        raise;
      end if;
      execute format('select %I.dblink_disconnect($1)', p_dblink) using p_connection;
    end;
    perform @privschema@.sync_connect(p_dblink, p_connection, p_kept);
  end if;
  return @privschema@.sync_ask(p_dblink, p_connection, p_statement, p_waited);
end
$$;

revoke all on function @privschema@.sync_reach from public;
comment on function @privschema@.sync_reach is 'Opens the side channel where it is not open, and asks; gives the answer.';
