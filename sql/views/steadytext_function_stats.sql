-- A row a call that ended, as who watches functions wants it: one's own, and administrators and metrics all users'. The time is
-- the model's own; null where none ran. A barrier that passes nothing on, for the reasons that steadytext_usage has, but conditions on
-- finished_at: by when a call began, which nobody else hears, others' calls would be looked at.
create or replace view @extschema@.steadytext_function_stats with (security_barrier) as
select @privschema@.opaque(l.function_name) as function_name, @privschema@.opaque(l.duration_ms) as duration_ms,
       @privschema@.opaque(l.called_at) as called_at, l.finished_at, @privschema@.opaque(l.outcome) as outcome,
       @privschema@.opaque(l.model) as model, @privschema@.opaque(l.cache_hit) as cache_hit,
       @privschema@.opaque(l.queue_wait_ms) as queue_wait_ms
from (
  select 'steadytext_' || r.request_type as function_name, r.duration_ms::double precision as duration_ms,
         r.requested_at as called_at, r.finished_at, r.outcome, r.model, r.cache_hit, r.queue_wait_ms
  from @extschema@.steadytext_request_log r
  where r.user_id = (select @extschema@.current_user_id()) and not (select @privschema@.counts_all())
  union all
  select 'steadytext_' || r.request_type, r.duration_ms::double precision, r.requested_at, r.finished_at, r.outcome, r.model,
         r.cache_hit, r.queue_wait_ms
  from @extschema@.steadytext_request_log r
  where (select @privschema@.counts_all())
) l;

comment on view @extschema@.steadytext_function_stats is
  'Your calls that ended, with their times; administrators and metrics see those of all users. No text.';
