-- The whole side channel once, for whoever sets it up: opens it, has the far end answer, closes it. Raises what is wrong; else gives whether
-- connections are kept.
create or replace function @privschema@.sync_try()
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_route record := @privschema@.sync_route();
  v_connection text := 'steadytext ' || gen_random_uuid();
begin
  perform @privschema@.sync_connect(v_route.dblink_schema, v_connection, @privschema@.sync_kept_name());
  perform @privschema@.sync_look(v_route.dblink_schema, v_connection, '{}', clock_timestamp(), 1);
  execute format('select %I.dblink_disconnect($1)', v_route.dblink_schema) using v_connection;
  return v_route.keeps;
exception when query_canceled or others then
  perform @privschema@.sync_abandon(v_route.dblink_schema, v_connection, null, '{}', null);
  raise;
end
$$;

revoke all on function @privschema@.sync_try from public;
comment on function @privschema@.sync_try is 'Tries the side channel; gives whether sessions keep their connections.';
