-- One row a request that ended, without any text: what limits, statistics and bills are made of. Partitioned by time,
-- because old rows leave by dropping a partition: deleting them would cost as much as writing them did.
-- The first weeks are made with the tables and extend_partitions makes the coming ones; should it fail for a month, rows
-- go to the default partition and nothing is refused.
create table @extschema@.steadytext_request_log (
  id bigint generated always as identity,
  finished_at timestamptz not null default clock_timestamp(),
  requested_at timestamptz not null,
  user_id int not null,
  request_id uuid not null,
  request_type text not null,
  model text not null,
  model_digest text,
  outcome text not null,
  tokens_in int,
  tokens_out int,
  tokens_used int not null,
  queue_wait_ms bigint not null,
  duration_ms int,
  retry_count int not null,
  cache_hit boolean not null default false,
  worker_id uuid,
  constraint request_log_pkey primary key (id, finished_at),
  constraint request_log_outcome_known check (outcome in ('completed', 'failed', 'cancelled', 'rejected'))
) partition by range (finished_at);
alter table @extschema@.steadytext_request_log enable row level security;

-- Partitions lie in the private schema: nobody reaches them but through the table, whose policies count.
create table @privschema@.steadytext_request_log_default partition of @extschema@.steadytext_request_log default;
alter table @privschema@.steadytext_request_log_default enable row level security;

comment on table @extschema@.steadytext_request_log is 'One row a request that ended: tokens, times, outcome; no text.';

-- What is due to be pruned, found without reading the queue. Paid once a request, when it becomes final: 1 µs of 50.
create index queue_prune on @extschema@.steadytext_queue (completed_at) where completed_at is not null;
