-- What was logged of the requests one may see: one's own, and administrators all. Two branches behind a barrier, for the reasons that
-- steadytext_requests has.
create or replace view @extschema@.steadytext_usage with (security_barrier) as
select l.id, l.finished_at, l.requested_at, l.user_id, l.request_id, l.request_type, l.model, l.model_digest,
       l.outcome, l.tokens_in, l.tokens_out, l.tokens_used, l.queue_wait_ms, l.duration_ms, l.retry_count,
       l.cache_hit, l.worker_id
from (
  select * from @extschema@.steadytext_request_log
  where (select @extschema@.current_user_mask())[user_id] and user_id = (select @extschema@.current_user_id())
    and (select not pg_has_role('@roleprefix@steadytext_admin', 'usage'))
  union all
  select * from @extschema@.steadytext_request_log
  where (select pg_has_role('@roleprefix@steadytext_admin', 'usage'))
) l;

comment on view @extschema@.steadytext_usage is
  'What your requests used (tokens, times, outcome), with all columns of steadytext_request_log; administrators see it of all users.';
