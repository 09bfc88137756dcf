-- The far end of the side channel: writes down that a call was refused, which the transaction of the call takes back.
create or replace function @privschema@.sync_refused(p_payload text, p_mac text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_call jsonb;
begin
  perform @privschema@.check_sync_mac('refused', p_payload, p_mac);
  v_call := p_payload::jsonb;
  if v_call ->> 'database' is distinct from current_database()
    or abs(extract(epoch from clock_timestamp()) - (v_call ->> 'at')::numeric) > 60
  then
    return to_jsonb(false);
  end if;
  perform @privschema@.record_refusal(v_call ->> 'role_name', v_call ->> 'function_name', v_call ->> 'message',
    v_call ->> 'client_addr');
  return to_jsonb(true);
end
$$;

revoke all on function @privschema@.sync_refused from public;
comment on function @privschema@.sync_refused is 'Counts a refused call that a signed message tells of.';
