-- What the queue holds, in numbers, for whoever measures the fleet. A function and not rights to the table: rights add
-- up, so a login that may read all rows but no text, and all columns but only its own rows, would read everything.
create or replace function @extschema@.steadytext_queue_counts()
returns table (request_type text, model text, status text, requests bigint, runnable bigint, oldest_created_at timestamptz,
  tokens_in bigint, tokens_out bigint, processing_time_ms bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select q.request_type, q.model, q.status, count(*), count(*) filter (where q.runnable), min(q.created_at),
         coalesce(sum(q.tokens_in), 0), coalesce(sum(q.tokens_out), 0), coalesce(sum(q.processing_time_ms), 0)
  from @extschema@.steadytext_queue q
  group by q.request_type, q.model, q.status
  order by q.request_type, q.model, q.status
$$;

revoke all on function @extschema@.steadytext_queue_counts from public;
comment on function @extschema@.steadytext_queue_counts is
  'Requests of all users by type, model and status: counts, age, tokens and time, no text.';
