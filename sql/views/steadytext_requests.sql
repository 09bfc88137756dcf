-- The requests one may see: one's own, and administrators all. With the owner's rights, and a barrier: what a reader asks is asked of
-- what comes out. The planner would pass conditions that tell nothing (`is null`, `=`, looks into objects) through a barrier all
-- the same, and ask them before ours where they cost less or where costs are no numbers any more: cpu_operator_cost times
-- nothing. By what is then executed or not one reads others' texts letter by letter. So no column may be passed on but
-- request_id, by which requests are found; ids are in the notices that everybody hears. Two branches, since `or` finds no index.
create or replace view @extschema@.steadytext_requests with (security_barrier) as
select @privschema@.opaque(q.id) as id, q.request_id, @privschema@.opaque(q.user_id) as user_id,
       @privschema@.opaque(q.priority) as priority, @privschema@.opaque(q.retry_count) as retry_count,
       @privschema@.opaque(q.max_retries) as max_retries, @privschema@.opaque(q.runnable) as runnable,
       @privschema@.opaque(q.isolated) as isolated, @privschema@.opaque(q.status) as status,
       @privschema@.opaque(q.request_type) as request_type, @privschema@.opaque(q.model) as model,
       @privschema@.opaque(q.lease_token) as lease_token, @privschema@.opaque(q.leased_by) as leased_by,
       @privschema@.opaque(q.lease_expires_at) as lease_expires_at, @privschema@.opaque(q.created_at) as created_at,
       @privschema@.opaque(q.scheduled_at) as scheduled_at, @privschema@.opaque(q.started_at) as started_at,
       @privschema@.opaque(q.completed_at) as completed_at, @privschema@.opaque(q.processing_time_ms) as processing_time_ms,
       @privschema@.opaque(q.tokens_in) as tokens_in, @privschema@.opaque(q.tokens_out) as tokens_out,
       @privschema@.opaque(q.cost_estimate) as cost_estimate, @privschema@.opaque(q.input_bytes) as input_bytes,
       @privschema@.opaque(q.enqueued_xid) as enqueued_xid, @privschema@.opaque(q.client_addr) as client_addr,
       @privschema@.opaque(q.session_id) as session_id, @privschema@.opaque(q.idempotency_key) as idempotency_key,
       @privschema@.opaque(q.cache_key) as cache_key, @privschema@.opaque(q.traceparent) as traceparent,
       @privschema@.opaque(q.daemon_endpoint) as daemon_endpoint, @privschema@.opaque(q.model_digest) as model_digest,
       @privschema@.opaque(q.prompt) as prompt, @privschema@.opaque(q.prompts) as prompts,
       @privschema@.opaque(q.params) as params, @privschema@.opaque(q.result) as result,
       @privschema@.opaque(q.results) as results, @privschema@.opaque(q.embedding) as embedding,
       @privschema@.opaque(q.embeddings) as embeddings, @privschema@.opaque(q.error) as error,
       @privschema@.opaque(q.receipt) as receipt, @privschema@.opaque(q.verifies) as verifies,
       @privschema@.opaque(q.asked_by) as asked_by, @privschema@.opaque(q.call_digest) as call_digest
from (
  select * from @extschema@.steadytext_queue
  where user_id = (select @extschema@.current_user_id()) and not (select @privschema@.sees_all())
  union all
  select * from @extschema@.steadytext_queue
  where (select @privschema@.sees_all())
) q;

comment on view @extschema@.steadytext_requests is
  'Your requests, with all columns of steadytext_queue; administrators see those of all users.';
