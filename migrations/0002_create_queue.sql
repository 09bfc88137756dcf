-- The queue: one row a request, from enqueue until it is pruned. The constraints are the lifecycle: no statement,
-- ours or an administrator's, can leave a row that the functions would not know what to do with.
create table @extschema@.steadytext_queue (
  id bigint generated always as identity,
  -- Ids ordered by time: see new_request_id.
  request_id uuid not null,
  user_id int not null,
  priority int not null default 5,
  retry_count int not null default 0,
  max_retries int not null default 3,
  -- False while the time has not come: scheduled for later, or backing off. A promoter flips it.
  runnable boolean not null default true,
  -- Run with no mates: a worker or an engine was lost twice while it held this request.
  isolated boolean not null default false,
  status text not null default 'pending',
  request_type text not null,
  model text not null,
  -- Rises by one with every claim and never restarts, so that a late writer can be told from the present one.
  lease_token bigint not null default 0,
  leased_by uuid,
  lease_expires_at timestamptz,
  created_at timestamptz not null default now(),
  scheduled_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  processing_time_ms int,
  tokens_in int,
  tokens_out int,
  -- Tokens in and out as guessed when it was enqueued: what a claim is charged with in the fair order between users.
  cost_estimate real not null default 1,
  -- Octets of prompt and params as enqueued, so that a claim can stop at what a worker has room for without reading
  -- either.
  input_bytes int not null default 0,
  -- The transaction that enqueued it (the outermost one, also inside a savepoint): waiting in it could never end.
  enqueued_xid xid8 not null default pg_current_xact_id(),
  client_addr inet default inet_client_addr(),
  session_id text,
  idempotency_key text,
  cache_key text,
  traceparent text,
  daemon_endpoint text,
  model_digest text,
  prompt text,
  prompts text[],
  params jsonb not null default '{}',
  result text,
  results text[],
  embedding real[],
  embeddings real[],
  error text,
  receipt jsonb,
  constraint queue_pkey primary key (id),
  constraint queue_request_id_unique unique (request_id),
  constraint queue_status_known
    check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled', 'rejected')),
  constraint queue_completed_at_when_final
    check ((status in ('completed', 'failed', 'cancelled', 'rejected')) = (completed_at is not null)),
  constraint queue_lease_when_processing
    check ((status = 'processing') = (leased_by is not null)
      and (status = 'processing') = (lease_expires_at is not null)),
  constraint queue_started_when_processing
    check (status <> 'processing' or (started_at is not null and lease_token > 0)),
  constraint queue_runnable_when_pending check (status = 'pending' or not runnable),
  constraint queue_result_when_completed
    check (status = 'completed' or (result is null and results is null and embedding is null and embeddings is null)),
  constraint queue_error_when_failed check (status <> 'failed' or error is not null),
  constraint queue_priority_in_range check (priority between 1 and 10),
  constraint queue_retries_in_range check (retry_count between 0 and max_retries and max_retries <= 100),
  constraint queue_lease_token_counts check (lease_token >= 0),
  constraint queue_cost_positive check (cost_estimate > 0 and cost_estimate < 'infinity'),
  constraint queue_input_bytes_counts check (input_bytes >= 0),
  -- Times that are no points in time cannot be subtracted, and so a request could never end.
  constraint queue_created_at_finite check (isfinite(created_at)),
  constraint queue_scheduled_at_finite check (isfinite(scheduled_at)),
  constraint queue_session_id_short check (length(session_id) <= 200),
  -- 200 of the caller's, and the number in its batch.
  constraint queue_idempotency_key_short check (length(idempotency_key) <= 220),
  constraint queue_traceparent_short check (length(traceparent) <= 55),
  constraint queue_params_object check (jsonb_typeof(params) = 'object')
);
-- No foreign keys to users and models: each would lock a shared row in every enqueuing transaction.
alter table @extschema@.steadytext_queue enable row level security;

-- Numbers do not compress; trying costs more than the bytes it saves.
alter table @extschema@.steadytext_queue
  alter column embedding set storage external,
  alter column embeddings set storage external;

-- Each request writes three row versions (enqueue, claim, settle) and each leaves dead ones at the head of the claim
-- index, which every later claim walks past until a vacuum: so vacuum by count, at full speed, and not by a share of
-- the table.
alter table @extschema@.steadytext_queue set (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 20000
);

-- Every change of status moves a row in or out of a partial index, so no update is HOT and every index is paid on
-- each of the three writes: these five, and the one for pruning beside the request log, are all. Only runnable rows
-- are in the claim index; with 150,000 later ones ahead in it a claim took 3-8 ms on PostgreSQL 15 in place of 0.06.
create index queue_claim on @extschema@.steadytext_queue (request_type, model, user_id, priority desc, scheduled_at, id)
  where status = 'pending' and runnable;
create index queue_promote on @extschema@.steadytext_queue (scheduled_at)
  where status = 'pending' and not runnable;
create index queue_lease on @extschema@.steadytext_queue (lease_expires_at)
  where status = 'processing';
create unique index queue_idempotency on @extschema@.steadytext_queue (user_id, idempotency_key)
  where idempotency_key is not null;

comment on table @extschema@.steadytext_queue is 'Requests, from enqueue until they are pruned. A login sees its own.';
comment on column @extschema@.steadytext_queue.priority is '1 to 10, higher first, among the requests of one user.';
comment on column @extschema@.steadytext_queue.prompts is
  'Of the reference''s batch rows; here a batch is one row an input.';
comment on column @extschema@.steadytext_queue.daemon_endpoint is 'The worker that ended the request.';
comment on column @extschema@.steadytext_queue.session_id is 'A label of the caller''s own, for direct inserts.';
