-- Tells workers that something may be claimable: one empty notice, and not from every transaction. A transaction with
-- a notice takes a lock of the whole cluster at commit: 32 connections fell from 7.5 k to 1.4 k inserts/s, and kept
-- 6.3 k with this gate. The gate alone would lose wake-ups: while one open transaction holds it, what others commit
-- is not told. So there are eight, by backend, and workers poll as well. The first key is a secret of the installation:
-- advisory locks are open to every login of the database, which could otherwise shut all gates for good without ever
-- enqueuing; reading it takes 2 µs of 5. pg_locks does show a key while it is held, so a login that watches can still
-- do it: workers then find work by polling, every second at the latest, which bounds the harm.
create or replace function @privschema@.notify_queue()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key bigint;
begin
  select g.key into v_key from @privschema@.gate_key g;
  if pg_try_advisory_xact_lock(v_key + pg_backend_pid() % 8) then
    perform @privschema@.send_notices('@channelprefix@steadytext_queue', '{""}');
  end if;
end
$$;

revoke all on function @privschema@.notify_queue from public;
comment on function @privschema@.notify_queue is 'Wakes workers; most calls under load do nothing, by design.';
