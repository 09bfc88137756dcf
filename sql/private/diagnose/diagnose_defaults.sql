-- Whether somebody serves the models that requests go to which name none: else these wait, and nobody is told.
create or replace function @privschema@.diagnose_defaults()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Default Models',
         case when d.names is null then 'OK' when d.workers = 0 then 'INFO' else 'ERROR' end,
         case when d.names is null then 'All default models are served' else 'Not served: ' || d.names end,
         case when d.names is null then 'No action needed'
              when d.workers = 0 then 'Start a worker: steadytext worker'
              else 'Start a worker that serves them, or: select steadytext_set_default_model(''…'') with one that is served' end
  from (
    select (select string_agg(u.name, ', ' order by u.kind desc, u.name) from @privschema@.unserved_defaults() u) as names,
           (select count(*) from @extschema@.steadytext_system_status()) as workers
  ) d
$$;

revoke all on function @privschema@.diagnose_defaults from public;
comment on function @privschema@.diagnose_defaults is 'Whether the default models are served.';
