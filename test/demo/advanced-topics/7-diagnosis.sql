--- a diagnosis, created: an administrator
create or replace function diagnose_steadytext()
returns table (check_name text, status text, details text, recommendation text) as $$
begin
  return query select 'Extension Version', 'INFO',
    (select extversion from pg_extension where extname = 'pg_steadytext'), 'Keep extension updated';
  return query select 'Daemon Status', case when daemon_running then 'OK' else 'ERROR' end,
    case when daemon_running then 'Daemon running on ' || daemon_host || ':' || daemon_port else 'Daemon not running' end,
    case when daemon_running then 'No action needed' else 'Start daemon: steadytext daemon start' end
  from steadytext_daemon_status();
  return query select 'Model Status', case when model_loaded then 'OK' else 'WARNING' end,
    'Models loaded: ' || model_loaded::text,
    case when model_loaded then 'No action needed' else 'Preload models: SELECT steadytext_preload_models()' end
  from steadytext_model_status();
  return query with cache_stats as (
    select sum(hit_count + miss_count) as total_requests, avg(hit_rate) as avg_hit_rate from cache_performance)
  select 'Cache Health', case when avg_hit_rate > 0.8 then 'OK' when avg_hit_rate > 0.5 then 'WARNING' else 'ERROR' end,
    format('Hit rate: %.2f%%, Total requests: %s', avg_hit_rate * 100, total_requests),
    case when avg_hit_rate < 0.5 then 'Consider increasing cache size' else 'Cache performing well' end
  from cache_stats;
  return query with queue_stats as (
    select count(*) filter (where q.status = 'pending') as pending, count(*) filter (where q.status = 'failed') as failed,
           max(extract(epoch from (now() - created_at))) as oldest_pending_seconds
    from steadytext_queue q)
  select 'Queue Health', case when pending > 1000 or failed > 100 then 'ERROR' when pending > 500 or failed > 50 then 'WARNING'
    else 'OK' end, format('Pending: %s, Failed: %s, Oldest: %s seconds', pending, failed, oldest_pending_seconds),
    case when pending > 1000 then 'Scale up workers or reduce load' when failed > 100 then 'Check failed requests and retry'
    else 'Queue healthy' end
  from queue_stats;
  return query select 'Memory Usage', case when used_memory_mb > total_memory_mb * 0.9 then 'ERROR'
    when used_memory_mb > total_memory_mb * 0.7 then 'WARNING' else 'OK' end,
    format('Using %.1f GB of %.1f GB', used_memory_mb / 1024.0, total_memory_mb / 1024.0),
    case when used_memory_mb > total_memory_mb * 0.9 then 'Reduce cache size or unload models' else 'Memory usage acceptable' end
  from steadytext_memory_usage();
end;
$$ language plpgsql;

--- a diagnosis, called: an administrator, refused with 22023
select * from diagnose_steadytext();
--- instead: an administrator
--- columns check_name, status, details, recommendation
select * from steadytext.diagnose_steadytext();
