-- The only place that notifies. A notice is a hint: with the server's notice queue three quarters full (a listener that sits
-- in a transaction, of any login that can connect) it is left out, because a full one fails the commit of whoever notifies.
-- Workers then find work by their polls, a cancel by their renewals, and who waits for a result by looking.
create or replace function @privschema@.send_notices(p_channel text, p_payloads text[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_notification_queue_usage() >= 0.75 then
    return;
  elsif cardinality(p_payloads) = 1 then
    -- An expression, which takes no statement: what every enqueue does.
    perform pg_notify(p_channel, p_payloads[1]);
  else
    perform pg_notify(p_channel, p.payload) from unnest(p_payloads) as p (payload);
  end if;
end
$$;

revoke all on function @privschema@.send_notices from public;
comment on function @privschema@.send_notices is 'Notifies a channel, unless the server''s notice queue is nearly full.';
