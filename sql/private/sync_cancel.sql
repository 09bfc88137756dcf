-- The far end of the side channel: cancels what a synchronous call enqueued and waits for no longer.
create or replace function @privschema@.sync_cancel(p_request_ids uuid[], p_mac text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_cancelled jsonb;
begin
  perform @privschema@.check_sync_mac('cancel', p_request_ids::text, p_mac);
  select to_jsonb(count(*) filter (where @privschema@.cancel_request(q.asked_by, q.request_id))) into v_cancelled
  from @extschema@.steadytext_queue q
  where q.request_id = any (p_request_ids) and q.completed_at is null;
  perform @privschema@.close_streams(p_request_ids);
  return v_cancelled;
end
$$;

revoke all on function @privschema@.sync_cancel from public;
comment on function @privschema@.sync_cancel is 'Cancels the requests of a synchronous call; gives how many it cancelled.';
