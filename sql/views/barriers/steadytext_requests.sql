-- The requests one may see: one's own, and administrators all. With the owner's rights, and a barrier, which the planner does not
-- take apart: into each branch it passes what a reader asks behind what stands there, if it tells nothing when it is evaluated. Of
-- conditions that cost the planner nothing the first comes first, and looking into the mask costs nothing: so whatever is asked, in
-- rows of others nothing is looked at but the mask. Over the bare table a policy has no such place: under UNION ALL what a login
-- asks is put in front of it. The comparison says the same as the mask, to indexes. Sub-selects are evaluated once a query.
-- Two branches, since `or` would find no index; each has conditions, else the planner would take it for the bare table.
create or replace view @extschema@.steadytext_requests with (security_barrier) as
select q.id, q.request_id, q.user_id, q.priority, q.retry_count, q.max_retries, q.runnable, q.isolated, q.status,
       q.request_type, q.model, q.lease_token, q.leased_by, q.lease_expires_at, q.created_at, q.scheduled_at,
       q.started_at, q.completed_at, q.processing_time_ms, q.tokens_in, q.tokens_out, q.cost_estimate, q.input_bytes,
       q.enqueued_xid, q.client_addr, q.session_id, q.idempotency_key, q.cache_key, q.traceparent, q.daemon_endpoint,
       q.model_digest, q.prompt, q.prompts, q.params, q.result, q.results, q.embedding, q.embeddings, q.error,
       q.receipt, q.verifies, q.asked_by, q.call_digest
from (
  select * from @extschema@.steadytext_queue
  where (select @extschema@.current_user_mask())[user_id] and user_id = (select @extschema@.current_user_id())
    and (select not pg_has_role('@roleprefix@steadytext_admin', 'usage'))
  union all
  select * from @extschema@.steadytext_queue
  where (select pg_has_role('@roleprefix@steadytext_admin', 'usage'))
) q;

comment on view @extschema@.steadytext_requests is
  'Your requests, with all columns of steadytext_queue; administrators see those of all users.';
