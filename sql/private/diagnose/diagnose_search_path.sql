-- Objects of others on the database's search path that bear the name of one of ours: they are called in its place where they come first or their arguments fit better.
create or replace function @privschema@.diagnose_search_path()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with path as (
    select trim(both ' "' from e.name) as name
    from unnest(string_to_array(coalesce(
      (select substr(c.line, strpos(c.line, '=') + 1)
       from pg_db_role_setting r cross join unnest(r.setconfig) as c (line)
       where r.setrole = 0 and r.setdatabase = (select b.oid from pg_database b where b.datname = current_database())
         and c.line like 'search#_path=%' escape '#' limit 1), 'public'), ',')) as e (name)
  ), ours as (
    select p.proname::text as name from pg_proc p where p.pronamespace = '@extschema@'::regnamespace
    union
    select c.relname from pg_class c where c.relnamespace = '@extschema@'::regnamespace and c.relkind in ('r', 'p', 'v')
  ), theirs as (
    select n.nspname, p.proname::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    union
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f')
  ), shadowing as (
    select string_agg(format('%I.%I', t.nspname, t.name), ', ' order by t.nspname, t.name) as names
    from theirs t join ours o on o.name = t.name
    where t.nspname <> '@extschema@' and t.nspname in (select p.name from path p)
  )
  select 'Search Path', case when s.names is null then 'OK' else 'WARNING' end,
         coalesce('Named like ours: ' || s.names, 'Nothing on the path of the database is named like ours'),
         case when s.names is null then 'No action needed' else 'Drop or rename them, or call ours by their full names (@extschema@.…)' end
  from shadowing s
$$;

revoke all on function @privschema@.diagnose_search_path from public;
comment on function @privschema@.diagnose_search_path is 'Whether objects of others come in place of ours.';
