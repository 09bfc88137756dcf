-- The far end of the side channel: cancels what a synchronous call of a role enqueued and waits for no longer.
create or replace function @privschema@.sync_cancel(p_role_name text, p_request_ids uuid[], p_mac text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_ids uuid[];
  v_cancelled jsonb;
begin
  perform @privschema@.check_sync_mac('cancel', p_request_ids::text || ' ' || p_role_name, p_mac);
  -- The ids may be anybody's, since who looks after a text names one.
  v_ids := array(
    select q.request_id from @extschema@.steadytext_queue q
    where q.request_id = any (p_request_ids) and @privschema@.may_see(p_role_name, q.user_id));
  select to_jsonb(count(*) filter (where @privschema@.cancel_request(p_role_name, i.request_id))) into v_cancelled
  from unnest(v_ids) as i (request_id);
  perform @privschema@.close_streams(v_ids);
  return v_cancelled;
end
$$;

revoke all on function @privschema@.sync_cancel from public;
comment on function @privschema@.sync_cancel is 'Cancels the requests of a synchronous call; gives how many it cancelled.';
