-- Enqueues through the side channel what a payload of sync_payload says.
create or replace function @privschema@.sync_begin(p_dblink text, p_connection text, p_kept text, p_payload text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return @privschema@.sync_reach(p_dblink, p_connection, p_kept,
    format('select @privschema@.sync_enqueue(%L, %L)', p_payload, @privschema@.sync_mac('enqueue', p_payload)), 0);
end
$$;

revoke all on function @privschema@.sync_begin from public;
comment on function @privschema@.sync_begin is 'Opens the side channel and enqueues; gives {"request_ids": […]} or {"error": …}.';
