-- How many requests of one's own wait, run, have failed, or have ended within the last hour, as steadytext_queue_counts and
-- steadytext_finished_counts tell it of all users' requests. A barrier that passes nothing on. Each part has its partial index,
-- and no finished request is read but these: a condition on steadytext_requests would find none of them.
create or replace view @extschema@.steadytext_own_counts with (security_barrier) as
select @privschema@.opaque(c.request_type) as request_type, @privschema@.opaque(c.model) as model,
       @privschema@.opaque(c.status) as status, @privschema@.opaque(c.requests) as requests,
       @privschema@.opaque(c.oldest_created_at) as oldest_created_at
from (
  select q.request_type, q.model, s.status, count(*) as requests, min(q.created_at) as oldest_created_at
  from (
    select * from @extschema@.steadytext_queue where status = 'pending' and runnable
    union all
    select * from @extschema@.steadytext_queue where status = 'pending' and not runnable
    union all
    select * from @extschema@.steadytext_queue where status = 'processing'
    union all
    select * from @extschema@.steadytext_queue where status = 'failed'
    union all
    select * from @extschema@.steadytext_queue
    where completed_at >= statement_timestamp() - interval '1 hour' and status <> 'failed'
  ) q
  cross join lateral (
    select case when q.status = 'pending' and q.scheduled_at > statement_timestamp() then 'scheduled' else q.status end
  ) s (status)
  where q.user_id = (select @extschema@.current_user_id())
  group by q.request_type, q.model, s.status
) c;

comment on view @extschema@.steadytext_own_counts is
  'How many of your requests are pending, scheduled, processing or failed, or have ended within the last hour.';
