-- Two waits could never end: for a request that no worker can see yet, because this very transaction enqueued it, and
-- for one whose end this transaction cannot see, because its snapshot is fixed.
create or replace function @privschema@.check_wait_can_end(p_enqueued_xid xid8)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_enqueued_xid = pg_current_xact_id_if_assigned() then
    raise exception using errcode = 'ST001',
      message = 'A result should be waited for after the enqueuing transaction has committed, '
        'but this is that transaction',
      hint = 'COMMIT first, then ask for the result: workers see only what is committed.';
  elsif current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception using errcode = 'ST002',
      message = format('A result should be waited for under READ COMMITTED, but this transaction is %s',
                       upper(current_setting('transaction_isolation'))),
      hint = 'Its snapshot is fixed, so the result could never be seen in it: ask in a new transaction.';
  end if;
end
$$;

revoke all on function @privschema@.check_wait_can_end from public;
comment on function @privschema@.check_wait_can_end is 'Raises ST001 or ST002 where waiting could never end.';
