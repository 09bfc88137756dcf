-- Tells workers that something may be claimable: one empty notice, and not from every transaction. A transaction with
-- a notice takes a lock of the whole cluster at commit: 32 connections fell from 7.5 k to 1.4 k inserts/s, and kept
-- 6.3 k with this gate. The gate alone would lose wake-ups: while one open transaction holds it, what others commit
-- is not told. So there are eight, by backend, and workers poll as well. The key carries the table's number, so
-- installations do not shut each other's gates.
create or replace function @privschema@.notify_queue()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_try_advisory_xact_lock('@extschema@.steadytext_queue'::regclass::oid::bigint * 8 + pg_backend_pid() % 8) then
    perform pg_notify('@channelprefix@steadytext_queue', '');
  end if;
end
$$;

revoke all on function @privschema@.notify_queue from public;
comment on function @privschema@.notify_queue is 'Wakes workers; most calls under load do nothing, by design.';
