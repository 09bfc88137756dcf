-- Memory of the machines (of containers, as much as they may have) that workers live on, whoever uses it: several workers on one
-- host share it, and it counts once.
create or replace function @extschema@.steadytext_memory_usage()
returns table (used_memory_mb double precision, total_memory_mb double precision)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select sum(h.total_bytes - h.free_bytes) / 1048576, sum(h.total_bytes) / 1048576
  from (
    select distinct on (w.host)
           (w.machine ->> 'totalBytes')::double precision as total_bytes, (w.machine ->> 'freeBytes')::double precision as free_bytes
    from @privschema@.live_workers() w
    where w.machine ?& array['totalBytes', 'freeBytes']
    order by w.host, w.heartbeat_at desc
  ) h
$$;

revoke all on function @extschema@.steadytext_memory_usage from public;
comment on function @extschema@.steadytext_memory_usage is
  'Memory in use and in all, of the machines of workers that live; nulls where none does.';
