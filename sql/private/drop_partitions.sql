-- Retention of the logs: whole weeks that are past it are dropped, which costs the same for a million rows as for none.
create or replace function @privschema@.drop_partitions()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_log record;
  v_dropped int := 0;
begin
  -- Who finds a log held leaves it to the holder, as in extend_partitions.
  for v_log in
    select l.log, l.time_column, l.retention_setting from @privschema@.weekly_logs l order by l.log
    for update skip locked
  loop
    v_dropped := v_dropped + @privschema@.drop_expired_partitions(v_log.log, v_log.time_column,
      now() - @privschema@.setting(v_log.retention_setting)::interval);
  end loop;
  return v_dropped;
end
$$;

revoke all on function @privschema@.drop_partitions from public;
comment on function @privschema@.drop_partitions is 'Drops log partitions past their retention; gives how many.';
