-- Tells whoever waits that requests are final, on our channel and on the reference's. A notice is a hint: with the
-- server's notice queue three quarters full (a listener that sits in a transaction) it is left out, because a full
-- one fails commits.
create or replace function @privschema@.notify_finished(p_request_ids uuid[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_notification_queue_usage() < 0.75 then
    perform pg_notify('@channelprefix@steadytext_result', f.request_id::text),
            pg_notify('@channelprefix@steadytext_completed', f.request_id::text)
    from unnest(p_request_ids) as f (request_id);
  end if;
end
$$;

revoke all on function @privschema@.notify_finished from public;
comment on function @privschema@.notify_finished is
  'Sends request ids to LISTEN steadytext_result and steadytext_completed.';
