-- Requests that failed for good, of those that one may see. A barrier that passes nothing on, for the reasons that
-- steadytext_requests has, nor request_id: by which of its own conditions was looked at, one would learn whether a request of
-- somebody else's has failed. One's own are found by an index.
create or replace view @extschema@.steadytext_dead_letter_queue with (security_barrier) as
select @privschema@.opaque(q.id) as id, @privschema@.opaque(q.request_id) as request_id,
       @privschema@.opaque(q.user_id) as user_id, @privschema@.opaque(q.request_type) as request_type,
       @privschema@.opaque(q.model) as model, @privschema@.opaque(q.prompt) as prompt,
       @privschema@.opaque(q.params) as params, @privschema@.opaque(q.priority) as priority,
       @privschema@.opaque(q.error) as error, @privschema@.opaque(q.retry_count) as retry_count,
       @privschema@.opaque(q.max_retries) as max_retries, @privschema@.opaque(q.created_at) as created_at,
       @privschema@.opaque(q.completed_at) as failed_at, @privschema@.opaque(q.daemon_endpoint) as daemon_endpoint
from (
  select * from @extschema@.steadytext_queue
  where status = 'failed' and user_id = (select @extschema@.current_user_id()) and not (select @privschema@.sees_all())
  union all
  select * from @extschema@.steadytext_queue
  where status = 'failed' and (select @privschema@.sees_all())
) q;

comment on view @extschema@.steadytext_dead_letter_queue is
  'Requests that failed for good; steadytext_retry_async tries one again.';
