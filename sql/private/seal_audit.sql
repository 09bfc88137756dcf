-- Seals what has been written to the audit log by transactions that have ended: all whose number is below that of the oldest
-- one running, so nothing can come between them any more. Settling knows nothing of it and waits for nothing. Gives how many
-- rows; whoever finds another one at it, or the log's weeks being made or dropped, leaves it to him.
-- Rows are found by their ids, since an index by transaction would be one more to write: a row has its transaction before its
-- id, so with a sequence's state read before a transaction began, all that began later have ids above it (next_xid, last_id).
create or replace function @privschema@.seal_audit(p_limit int default 50000)
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Only the begin of an epoch waits for others, and others for it.
set lock_timeout = '200ms'
as $$
declare
  v_is_first boolean := pg_current_xact_id_if_assigned() is null;
  v_last_id bigint;
  v_head @extschema@.steadytext_audit_seals;
  v_sealed int;
begin
  perform @privschema@.check_limit(p_limit);
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'The audit log should be sealed under READ COMMITTED, but this transaction is %',
      upper(current_setting('transaction_isolation'))
      using errcode = 'invalid_transaction_state', hint = 'Its snapshot may be older than what it is asked to seal: set default_transaction_isolation of the worker''s login.';
  end if;
  v_last_id := (select q.last_value from @extschema@.steadytext_audit_log_id_seq q);
  perform from @privschema@.weekly_logs l where l.log = 'steadytext_audit_log' for update skip locked;
  if not found then
    return 0;
  end if;
  perform @privschema@.log_refusals();
  select s.* into v_head from @extschema@.steadytext_audit_seals s order by s.number desc limit 1;
  if v_head.number is null or v_head.mark <> @privschema@.binding_mark() then
    v_head := @privschema@.begin_audit_epoch(coalesce(v_head.epoch, 0) + 1);
  end if;
  v_sealed := @privschema@.seal_found(v_head, p_limit);
  if v_sealed >= p_limit then
    return v_sealed;
  end if;
  -- A transaction of a caller that has its number already says nothing of what came after it.
  if v_is_first then
    v_head.next_xid := pg_current_xact_id();
    v_head.last_id := greatest(v_head.last_id, v_last_id);
  end if;
  return v_sealed + @privschema@.seal_finished(v_head, p_limit);
end
$$;

revoke all on function @privschema@.seal_audit from public;
comment on function @privschema@.seal_audit is 'Seals rows of the audit log by finished transactions; gives how many.';
