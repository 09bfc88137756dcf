-- The fleet as one daemon, under the reference's name and columns, to read.
create or replace view @extschema@.steadytext_daemon_health with (security_invoker = true) as
select s.daemon_id, s.endpoint, s.last_heartbeat, s.uptime_seconds, s.status, null::text as version,
       array(select m.model from @extschema@.steadytext_model_status() m where m.model_loaded order by m.model) as models_loaded,
       (select u.used_memory_mb::int from @extschema@.steadytext_memory_usage() u) as memory_usage_mb,
       c.active_connections, c.total_requests, c.error_count, c.avg_response_time_ms
from @extschema@.steadytext_daemon_status() s
cross join (
  select count(*)::int as active_connections, coalesce(sum(d.request_count), 0)::bigint as total_requests,
         coalesce(sum(d.error_count), 0)::int as error_count, round(avg(d.avg_response_time_ms))::int as avg_response_time_ms
  from @extschema@.steadytext_daemon_connections() d
) c;

comment on view @extschema@.steadytext_daemon_health is 'steadytext_daemon_status() and what the fleet does, with the columns of pg_steadytext.';
