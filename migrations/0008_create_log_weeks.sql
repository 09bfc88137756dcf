-- The logs that are kept in weeks, and their first ones. Made here, while nobody writes yet: the week that is being
-- written to cannot be made later without stopping its writers.
create table @privschema@.weekly_logs (
  log text not null,
  time_column text not null,
  retention_setting text not null,
  constraint weekly_logs_pkey primary key (log)
);
insert into @privschema@.weekly_logs (log, time_column, retention_setting) values
  ('steadytext_request_log', 'finished_at', 'request_log_retention'),
  ('steadytext_audit_log', 'timestamp', 'audit_log_retention');

comment on table @privschema@.weekly_logs is
  'Logs with a partition a week. Whoever makes or drops one holds the log''s row.';

-- Names and bounds as make_partition has them.
do $$
declare
  v_log text;
  v_monday date;
  v_name text;
begin
  for v_log, v_monday in
    select l.log, date_trunc('week', now() at time zone 'UTC')::date + 7 * w
    from @privschema@.weekly_logs l, generate_series(0, 4) w
  loop
    v_name := v_log || '_' || to_char(v_monday, 'YYYYMMDD');
    execute format('create table @privschema@.%I partition of @extschema@.%I for values from (%L) to (%L)',
      v_name, v_log, v_monday || ' 00:00:00+00', (v_monday + 7) || ' 00:00:00+00');
    execute format('alter table @privschema@.%I enable row level security', v_name);
  end loop;
end
$$;
