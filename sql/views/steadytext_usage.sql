-- What was logged of the requests one may see: one's own, and administrators all. A barrier that passes nothing on, for the reasons
-- that steadytext_requests has, but conditions on finished_at, by which there are partitions: when requests end everybody can
-- hear.
create or replace view @extschema@.steadytext_usage with (security_barrier) as
select @privschema@.opaque(l.id) as id, l.finished_at,
       @privschema@.opaque(l.requested_at) as requested_at, @privschema@.opaque(l.user_id) as user_id,
       @privschema@.opaque(l.request_id) as request_id, @privschema@.opaque(l.request_type) as request_type,
       @privschema@.opaque(l.model) as model, @privschema@.opaque(l.model_digest) as model_digest,
       @privschema@.opaque(l.outcome) as outcome, @privschema@.opaque(l.tokens_in) as tokens_in,
       @privschema@.opaque(l.tokens_out) as tokens_out, @privschema@.opaque(l.tokens_used) as tokens_used,
       @privschema@.opaque(l.queue_wait_ms) as queue_wait_ms, @privschema@.opaque(l.duration_ms) as duration_ms,
       @privschema@.opaque(l.retry_count) as retry_count, @privschema@.opaque(l.cache_hit) as cache_hit,
       @privschema@.opaque(l.worker_id) as worker_id
from (
  select * from @extschema@.steadytext_request_log
  where user_id = (select @extschema@.current_user_id()) and not (select @privschema@.sees_all())
  union all
  select * from @extschema@.steadytext_request_log
  where (select @privschema@.sees_all())
) l;

comment on view @extschema@.steadytext_usage is
  'What your requests used (tokens, times, outcome), with all columns of steadytext_request_log; administrators see all users''.';
