-- Whether database and workers are of one release: workers of two run side by side for as long as an update takes.
create or replace function @privschema@.diagnose_version()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Extension Version',
         case when w.versions is null then 'INFO' when cardinality(w.versions) = 1 then 'OK' else 'WARNING' end,
         format('Migration %s, workers: %s', @privschema@.schema_version(), coalesce(array_to_string(w.versions, ', '), 'none')),
         case when cardinality(w.versions) > 1 then 'Update all workers to one release' else 'Keep database and workers updated' end
  from (select array_agg(distinct s.version) as versions from @extschema@.steadytext_system_status() s) w
$$;

revoke all on function @privschema@.diagnose_version from public;
comment on function @privschema@.diagnose_version is 'Whether database and workers are of one release.';
