-- Retention of the logs: whole weeks that are past it are dropped, which costs the same for a million rows as for none.
-- A log that somebody holds, as a backup does from its start to its end, does not keep the other one.
create or replace function @privschema@.drop_partitions()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_log record;
  v_dropped int := 0;
  v_held text;
begin
  -- Who finds a log held leaves it to the holder, as in extend_partitions.
  for v_log in
    select l.log, l.time_column, l.retention_setting from @privschema@.weekly_logs l order by l.log
    for update skip locked
  loop
    begin
      if v_log.log = 'steadytext_audit_log' and current_setting('transaction_isolation') = 'read committed' then
        perform @privschema@.seal_audit();
      end if;
      v_dropped := v_dropped + @privschema@.drop_expired_partitions(v_log.log, v_log.time_column,
        now() - @privschema@.setting(v_log.retention_setting)::interval);
    exception when lock_not_available then
      v_held := sqlerrm;
    end;
  end loop;
  -- An error would take back what was dropped of the other log. The next call has nothing else to do, and tells it.
  if v_dropped = 0 and v_held is not null then
    raise lock_not_available using message = v_held;
  end if;
  return v_dropped;
end
$$;

revoke all on function @privschema@.drop_partitions from public;
comment on function @privschema@.drop_partitions is 'Drops log partitions past their retention; gives how many.';
