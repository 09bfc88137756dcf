-- Requests that failed for good, newest first to read. With the reader's rights, of the requests that the reader may see.
create or replace view @extschema@.steadytext_dead_letter_queue with (security_invoker = true) as
select q.id, q.request_id, q.user_id, q.request_type, q.model, q.prompt, q.params, q.priority, q.error, q.retry_count,
       q.max_retries, q.created_at, q.completed_at as failed_at, q.daemon_endpoint
from @extschema@.steadytext_requests q
where q.status = 'failed';

comment on view @extschema@.steadytext_dead_letter_queue is
  'Requests that failed for good; steadytext_retry_async tries one again.';
