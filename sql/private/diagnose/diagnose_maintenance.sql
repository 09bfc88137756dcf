-- Whether the fleet's periodic work is done: requests past their retention are deleted every minute, and counters added up.
create or replace function @privschema@.diagnose_maintenance()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Maintenance', case when m.due or m.tallies > 100000 then 'WARNING' else 'OK' end,
         case when m.due then 'Requests are past their retention by more than an hour'
              when m.tallies > 100000 then format('%s rows of counters are not added up', m.tallies)
              else 'Nothing is overdue' end,
         case when m.due or m.tallies > 100000 then 'Start a worker; where one lives, its log says what fails (maintenance failed)'
              else 'No action needed' end
  from (
    select exists (select from @extschema@.steadytext_queue q
                   where q.completed_at < now() - @privschema@.setting('queue_retention')::interval - interval '1 hour') as due,
           (select count(*) from (select from @privschema@.request_tallies limit 100001) t) as tallies
  ) m
$$;

revoke all on function @privschema@.diagnose_maintenance from public;
comment on function @privschema@.diagnose_maintenance is 'Whether the periodic work is done.';
