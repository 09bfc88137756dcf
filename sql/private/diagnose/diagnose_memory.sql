-- Memory of the machines that workers live on.
create or replace function @privschema@.diagnose_memory()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Memory Usage',
         case when m.total_memory_mb is null then 'INFO' when m.used_memory_mb > m.total_memory_mb * 0.9 then 'ERROR'
              when m.used_memory_mb > m.total_memory_mb * 0.7 then 'WARNING' else 'OK' end,
         case when m.total_memory_mb is null then 'No worker lives that could tell'
              else format('Using %s GB of %s GB', round((m.used_memory_mb / 1024)::numeric, 1), round((m.total_memory_mb / 1024)::numeric, 1)) end,
         case when m.used_memory_mb > m.total_memory_mb * 0.9 then 'Reduce cache size or unload models'
              when m.used_memory_mb > m.total_memory_mb * 0.7 then 'Watch it: fewer engines, or STEADYTEXT_ENGINE_MEMORY_MB, take less'
              else 'Memory usage acceptable' end
  from @extschema@.steadytext_memory_usage() m
$$;

revoke all on function @privschema@.diagnose_memory from public;
comment on function @privschema@.diagnose_memory is 'Memory of the workers'' machines.';
