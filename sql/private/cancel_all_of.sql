-- Cancels all requests of a user that are not final, as cancel_request does one; what runs is stopped by its worker. Gives how many.
create or replace function @privschema@.cancel_all_of(p_user_id int)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rows tid[];
  v_running text[];
begin
  select array_agg('cancel:' || q.request_id) into v_running
  from @extschema@.steadytext_queue q where q.user_id = p_user_id and q.status = 'processing';
  with cancelled as (
    update @extschema@.steadytext_queue q
    set status = 'cancelled', runnable = false, completed_at = clock_timestamp(), daemon_endpoint = q.leased_by::text,
        leased_by = null, lease_expires_at = null
    where q.user_id = p_user_id and q.status in ('pending', 'processing')
    returning q.ctid
  )
  select array_agg(c.ctid) into v_rows from cancelled c;
  perform @privschema@.log_finished(v_rows);
  if v_running is not null then
    perform @privschema@.send_notices('@channelprefix@steadytext_control', v_running);
  end if;
  return coalesce(cardinality(v_rows), 0);
end
$$;

revoke all on function @privschema@.cancel_all_of from public;
comment on function @privschema@.cancel_all_of is 'Cancels all requests of a user that are not final; gives how many.';
