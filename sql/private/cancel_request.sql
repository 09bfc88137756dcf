-- Cancel a request that is not final. A running one is cancelled at once: its lease is gone, so what its worker still
-- writes is fenced, and the worker is told to stop. False where there was nothing to cancel.
create or replace function @privschema@.cancel_request(p_role_name text, p_request_id uuid)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request record;
  v_row tid;
begin
  select q.request_id, q.leased_by into v_request
  from @extschema@.steadytext_queue q
  where q.request_id = p_request_id and q.status in ('pending', 'processing')
    and @privschema@.may_see(p_role_name, q.user_id)
  for update;
  if not found then
    return false;
  end if;
  update @extschema@.steadytext_queue q
  set status = 'cancelled', runnable = false, completed_at = clock_timestamp(), daemon_endpoint = q.leased_by::text,
      leased_by = null, lease_expires_at = null
  where q.request_id = v_request.request_id
  returning q.ctid into v_row;
  perform @privschema@.log_finished(array[v_row]);
  if v_request.leased_by is not null then
    perform @privschema@.send_notices('@channelprefix@steadytext_control', array['cancel:' || p_request_id]);
  end if;
  return true;
end
$$;

revoke all on function @privschema@.cancel_request from public;
comment on function @privschema@.cancel_request is
  'Cancels a request for a role that may see it; false if there was nothing to cancel.';
