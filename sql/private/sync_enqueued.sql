-- Which requests the far end of the side channel has enqueued last, if it was for this call.
create or replace function @privschema@.sync_enqueued(p_dblink text, p_connection text, p_payload text)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = error
as $$
declare
  v_result text := format('select r.answer from %I.dblink_get_result($1, false) as r (answer jsonb)', p_dblink);
  v_last jsonb;
begin
  execute format('select %I.dblink_send_query($1, $2)', p_dblink) using p_connection,
    'select nullif(current_setting(''steadytext.enqueued'', true), '''')::jsonb';
  perform @privschema@.sync_settle(p_dblink, p_connection);
  execute v_result into v_last using p_connection;
  execute v_result using p_connection;
  return array(
    select i.request_id::uuid from jsonb_array_elements_text(v_last -> 'request_ids') as i (request_id)
    where v_last ->> 'call' = md5(p_payload));
end
$$;

revoke all on function @privschema@.sync_enqueued from public;
comment on function @privschema@.sync_enqueued is 'Requests that the far end of the side channel has enqueued for a call.';
