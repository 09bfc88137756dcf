-- Opens a connection of the side channel, unless it is the kept one and open already. Where connections are not kept (any more),
-- the one from before is closed.
create or replace function @privschema@.sync_connect(p_dblink text, p_connection text, p_kept text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_open boolean;
  v_state text;
  v_message text;
  v_detail text;
begin
  execute format('select coalesce($1 = any (%I.dblink_get_connections()), false)', p_dblink) into v_open using p_kept;
  if v_open and p_connection = p_kept then
    return true;
  elsif v_open then
    execute format('select %I.dblink_disconnect($1)', p_dblink) using p_kept;
  end if;
  execute format('select %I.dblink_connect($1, %L)', p_dblink, '@privschema@_sync') using p_connection;
  return false;
exception when others then
  get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_detail = pg_exception_detail;
  perform @privschema@.refuse_connection(v_state, v_message, v_detail);
  return false;
end
$$;

revoke all on function @privschema@.sync_connect from public;
comment on function @privschema@.sync_connect is 'Opens the side channel; true if it was open already, ST013 if it does not open.';
