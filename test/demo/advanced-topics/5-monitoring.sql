--- figures of functions, cache, queue and fleet: an administrator
create or replace view steadytext_performance_metrics as
select f.function_name, f.call_count, f.total_duration_ms, f.avg_duration_ms, f.p95_duration_ms, f.p99_duration_ms,
       c.cache_hit_rate, c.cache_size_mb, q.pending_requests, q.processing_requests, q.failed_requests,
       q.avg_queue_time_seconds, r.model_memory_mb, r.daemon_connections, r.active_workers
from (
  select function_name, count(*) as call_count, sum(duration_ms) as total_duration_ms, avg(duration_ms) as avg_duration_ms,
         percentile_cont(0.95) within group (order by duration_ms) as p95_duration_ms,
         percentile_cont(0.99) within group (order by duration_ms) as p99_duration_ms
  from steadytext_function_stats where called_at > now() - interval '1 hour' group by function_name
) f
cross join lateral (
  select avg(hit_rate) as cache_hit_rate, sum(cache_size_bytes) / 1024 / 1024 as cache_size_mb from cache_performance
) c
cross join lateral (
  select count(*) filter (where status = 'pending') as pending_requests,
         count(*) filter (where status = 'processing') as processing_requests,
         count(*) filter (where status = 'failed') as failed_requests,
         avg(extract(epoch from (started_at - created_at))) as avg_queue_time_seconds
  from steadytext_queue where created_at > now() - interval '1 hour'
) q
cross join lateral (
  select sum(model_size_mb) as model_memory_mb, count(*) as daemon_connections,
         count(*) filter (where state = 'active') as active_workers
  from steadytext_system_status()
) r;
--- instead: an administrator
--- columns function_name, call_count, total_duration_ms, avg_duration_ms, p95_duration_ms, p99_duration_ms, cache_hit_rate, cache_size_mb, pending_requests, processing_requests, failed_requests, avg_queue_time_seconds, model_memory_mb, daemon_connections, active_workers
select * from steadytext.steadytext_performance_metrics;

--- metrics for Prometheus, created: an administrator
create or replace function export_prometheus_metrics() returns text as $$
declare
  metrics text := '';
  rec record;
begin
  for rec in select * from steadytext_performance_metrics loop
    metrics := metrics || format('# HELP steadytext_function_calls_total Total function calls
# TYPE steadytext_function_calls_total counter
steadytext_function_calls_total{function="%s"} %s

# HELP steadytext_queue_depth Current queue depth
# TYPE steadytext_queue_depth gauge
steadytext_queue_depth{status="pending"} %s
', rec.function_name, rec.call_count, rec.pending_requests);
  end loop;
  return metrics;
end;
$$ language plpgsql;

--- metrics for Prometheus, called: an administrator
select export_prometheus_metrics();

--- metrics that Prometheus takes: an administrator
select steadytext.export_prometheus_metrics();

--- how much is logged: a superuser, refused below 17 with 42704
alter system set steadytext.log_level = 'debug';
--- instead: an administrator
select steadytext_config_set('log_level', 'debug');

--- statements in the log: a superuser, refused below 17 with 42704
alter system set steadytext.log_queries = true;
--- instead: an administrator
select steadytext_config_set('log_queries', 'true');

--- the cache in the log: a superuser, refused below 17 with 42704
alter system set steadytext.log_cache_operations = true;
--- instead: an administrator
select steadytext_config_set('log_cache_operations', 'true');

--- engines in the log: a superuser, refused below 17 with 42704
alter system set steadytext.log_daemon_communication = true;
--- instead: an administrator
select steadytext_config_set('log_daemon_communication', 'true');

--- a generation step by step, created: a writer
create or replace function debug_generation(prompt text, max_tokens integer default 512)
returns table (step text, duration_ms float, details jsonb) as $$
declare
  start_time timestamp;
  step_start timestamp;
  cache_key text;
  cached_result text;
  model_loaded boolean;
begin
  start_time := clock_timestamp();
  step_start := clock_timestamp();
  perform validate_generation_input(prompt, max_tokens);
  return query select 'Input validation', extract(epoch from (clock_timestamp() - step_start)) * 1000,
    jsonb_build_object('prompt_length', length(prompt), 'max_tokens', max_tokens);
  step_start := clock_timestamp();
  cache_key := steadytext_cache_key('generation', prompt, max_tokens);
  cached_result := steadytext_cache_get(cache_key);
  step_start := clock_timestamp();
  select model_loaded into model_loaded from steadytext_model_status();
  if cached_result is null then
    cached_result := steadytext_generate(prompt, max_tokens);
  end if;
end;
$$ language plpgsql;

--- a generation step by step, called: a writer, refused with 42804
select * from debug_generation('Name a colour.', 8);
--- instead: a writer
--- columns step, duration_ms, details
select * from steadytext.debug_generation('Name a colour.', 8);

--- a key of the cache: a writer
select steadytext_cache_key('generation', 'Name a colour.', 8);

--- what the cache has under it: a writer
select steadytext_cache_get(steadytext_cache_key('generation', 'Name a colour.', 8));

--- whether models are open: a reader
select model_loaded from steadytext_model_status();
