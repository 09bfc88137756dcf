-- Makes one missing partition of the next four weeks, of either log, and gives how many were made: one or none. One a
-- call, so that no lock outlasts the making of one. The week that is being written to is never made: its writers may
-- be on their way to the default partition, which would then refuse them. Weeks begin on Monday, UTC.
create or replace function @privschema@.extend_partitions()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_log record;
  -- An hour of margin, for what was sent to the default partition just before the week began.
  v_first date := date_trunc('week', now() at time zone 'UTC' + interval '1 hour')::date + 7;
begin
  -- Who finds a log held leaves it to the holder. Only functions of the owner can hold it, unlike an advisory lock.
  for v_log in select l.log, l.time_column from @privschema@.weekly_logs l order by l.log for update skip locked loop
    for v_week in 0 .. 3 loop
      if @privschema@.make_partition(v_log.log, v_log.time_column, v_first + 7 * v_week) then
        return 1;
      end if;
    end loop;
  end loop;
  return 0;
end
$$;

revoke all on function @privschema@.extend_partitions from public;
comment on function @privschema@.extend_partitions is
  'Makes one of the coming weeks'' partitions of the logs; gives 0 when none is missing.';
