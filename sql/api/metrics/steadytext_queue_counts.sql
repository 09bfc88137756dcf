-- What waits, runs and has failed, in numbers, for whoever measures the fleet. A function and not rights to the table:
-- rights add up, so a login that may read all rows but no text, and all columns but only its own rows, would read everything.
-- Pending requests whose time has not come are told apart, as scheduled: no worker could take them, and their age says
-- nothing of the fleet. By the time and not by runnable, so that what is due counts as waiting where no worker promotes it.
-- What completed or was cancelled is left out, as it is read every few seconds: its number can only be had by reading a
-- week of requests (220 to 260 ms for 300,000), rises and falls with pruning, and nobody is woken for it. How much gets done is
-- in steadytext_finished_counts. Each part below has its partial index: 2 ms for 500 requests, 0.5 to 0.8 s for 300,000 that
-- wait, whatever is kept beside them.
create or replace function @extschema@.steadytext_queue_counts()
returns table (request_type text, model text, status text, requests bigint, runnable bigint, oldest_created_at timestamptz,
  tokens_in bigint, tokens_out bigint, processing_time_ms bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  select q.request_type, q.model, s.status, count(*), count(*) filter (where q.runnable), min(q.created_at),
         coalesce(sum(q.tokens_in), 0), coalesce(sum(q.tokens_out), 0), coalesce(sum(q.processing_time_ms), 0)
  from (
    select p.* from @extschema@.steadytext_queue p where p.status = 'pending' and p.runnable
    union all
    select p.* from @extschema@.steadytext_queue p where p.status = 'pending' and not p.runnable
    union all
    select p.* from @extschema@.steadytext_queue p where p.status = 'processing'
    union all
    select p.* from @extschema@.steadytext_queue p where p.status = 'failed'
  ) as q
  cross join lateral (
    select case when q.status = 'pending' and q.scheduled_at > statement_timestamp() then 'scheduled' else q.status end
  ) as s (status)
  group by q.request_type, q.model, s.status
  order by q.request_type, q.model, s.status
$$;

revoke all on function @extschema@.steadytext_queue_counts from public;
comment on function @extschema@.steadytext_queue_counts is
  'Requests of all users that are pending, scheduled (pending, for later), processing or failed: numbers, no text.';
