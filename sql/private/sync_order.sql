-- The far end of the side channel: asks workers for something in a transaction of its own, so that they see it while the caller
-- waits. Errors are data, as in sync_enqueue.
create or replace function @privschema@.sync_order(p_payload text, p_mac text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_order jsonb;
  v_state text;
  v_message text;
  v_hint text;
begin
  perform @privschema@.check_sync_mac('order', p_payload, p_mac);
  v_order := p_payload::jsonb;
  if abs(extract(epoch from clock_timestamp()) - (v_order ->> 'at')::numeric) > 60
    or v_order ->> 'database' is distinct from current_database()
  then
    raise exception 'The side channel should lead to the database that asks, at once, but this is of another one or old'
      using errcode = 'ST012', hint = 'An administrator runs steadytext setup sync in each database.';
  end if;
  return jsonb_build_object('order_id', @privschema@.place_order(
    v_order ->> 'role_name', v_order ->> 'what', v_order ->> 'model', (v_order ->> 'seconds')::int));
exception when others then
  get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint;
  return @privschema@.error_answer(v_state, v_message, v_hint);
end
$$;

revoke all on function @privschema@.sync_order from public;
comment on function @privschema@.sync_order is 'Places a signed order; gives {"order_id": …} or {"error": …}.';
