-- The view of the same name that users of other systems make for themselves.
create or replace view @extschema@.daemon_pool_status with (security_invoker = true) as
select c.connection_id, c.state, c.last_used, c.request_count, c.error_count, c.avg_response_time_ms
from @extschema@.steadytext_daemon_connections() c;

comment on view @extschema@.daemon_pool_status is 'steadytext_daemon_connections() as a view.';
