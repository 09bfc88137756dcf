-- One row a function, whether it was called or not: calls that ended within the last hour, and beside each the same present state of
-- cache, queue and fleet.
create or replace view @extschema@.steadytext_performance_metrics with (security_invoker = true) as
with counted as materialized (
  select r.function_name, r.duration_ms, r.calls, r.wait_ms, r.waited from @privschema@.recent_calls() r
), placed as (
  -- upto: how many ran for no longer. p95 and p99: how many ran shorter than the percentile does, in fractions where it lies between two.
  select c.*, sum(c.calls) filter (where c.duration_ms is not null) over (partition by c.function_name order by c.duration_ms) as upto,
         t.ran, (t.ran - 1) * 0.95::double precision as p95, (t.ran - 1) * 0.99::double precision as p99
  from counted c
  left join (
    select n.function_name, sum(n.calls) as ran from counted n where n.duration_ms is not null group by n.function_name
  ) t using (function_name)
), calls as (
  select p.function_name, sum(p.calls) as call_count, sum(p.duration_ms * p.calls) as total_duration_ms,
         sum(p.duration_ms * p.calls) / p.ran::double precision as avg_duration_ms,
         min(p.duration_ms) filter (where p.upto > floor(p.p95)) * (1 - p.p95 + floor(p.p95))
           + min(p.duration_ms) filter (where p.upto > ceil(p.p95)) * (p.p95 - floor(p.p95)) as p95_duration_ms,
         min(p.duration_ms) filter (where p.upto > floor(p.p99)) * (1 - p.p99 + floor(p.p99))
           + min(p.duration_ms) filter (where p.upto > ceil(p.p99)) * (p.p99 - floor(p.p99)) as p99_duration_ms
  from placed p
  group by p.function_name, p.ran, p.p95, p.p99
)
select f.function_name, coalesce(c.call_count, 0)::bigint as call_count, coalesce(c.total_duration_ms, 0) as total_duration_ms,
       c.avg_duration_ms, c.p95_duration_ms, c.p99_duration_ms,
       round(p.cache_hits / nullif(p.cache_hits + p.cache_misses, 0) * 100, 2) as cache_hit_rate,
       round(p.cache_bytes / 1048576.0, 3) as cache_size_mb,
       p.pending as pending_requests, p.processing as processing_requests, p.failed as failed_requests,
       (select (sum(w.wait_ms) / nullif(sum(w.waited), 0))::double precision / 1000 from counted w) as avg_queue_time_seconds,
       r.model_memory_mb, r.daemon_connections, r.active_workers
from (
  select unnest(array['steadytext_embed', 'steadytext_generate', 'steadytext_rerank']) as function_name
  union
  select k.function_name from calls k
) f
left join calls c using (function_name)
cross join @privschema@.present_sums p
cross join (
  select sum(s.model_size_mb) as model_memory_mb, count(*) as daemon_connections,
         count(*) filter (where s.state = 'active') as active_workers
  from @extschema@.steadytext_system_status() s
) r;

comment on view @extschema@.steadytext_performance_metrics is
  'Calls within the last hour by function, and the state of cache, queue and fleet; of your own, for administrators and metrics of all users.';
