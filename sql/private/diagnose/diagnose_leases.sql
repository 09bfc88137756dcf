-- Whether requests of dead workers are rescued: each living worker does that, a few seconds after a lease has ended.
create or replace function @privschema@.diagnose_leases()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Leases', case when l.overdue = 0 then 'OK' else 'ERROR' end,
         format('%s requests with a lease that ended more than a minute ago', l.overdue),
         case when l.overdue = 0 then 'No action needed'
              else 'Start a worker, which rescues them; where one lives, its log says what fails' end
  from (
    select count(*) as overdue from @extschema@.steadytext_queue q
    where q.status = 'processing' and q.lease_expires_at < clock_timestamp() - interval '1 minute'
  ) l
$$;

revoke all on function @privschema@.diagnose_leases from public;
comment on function @privschema@.diagnose_leases is 'Whether requests of dead workers are rescued.';
