-- Whether next week's rows of the logs have their partition, and none had to go to the default one, which is never dropped.
create or replace function @privschema@.diagnose_partitions()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Log Partitions', case when p.missing is null and p.strays = 0 then 'OK' else 'WARNING' end,
         case when p.missing is not null then 'No partition for next week: ' || p.missing
              when p.strays > 0 then 'Rows in default partitions'
              else 'The coming weeks have their partitions' end,
         case when p.missing is not null then 'Start a worker: it makes them every hour; where one lives, its log says what fails'
              when p.strays > 0 then 'They are read all the same, and deleted when their time is over'
              else 'No action needed' end
  from (
    select (select string_agg(l.log, ', ' order by l.log) from @privschema@.weekly_logs l
            where to_regclass(format('@privschema@.%I', l.log || '_' || to_char(
              date_trunc('week', now() at time zone 'UTC')::date + 7, 'YYYYMMDD'))) is null) as missing,
           (select count(*) from (select from @privschema@.steadytext_request_log_default limit 1) r)
           + (select count(*) from (select from @privschema@.steadytext_audit_log_default limit 1) a) as strays
  ) p
$$;

revoke all on function @privschema@.diagnose_partitions from public;
comment on function @privschema@.diagnose_partitions is 'Whether the logs have their partitions.';
