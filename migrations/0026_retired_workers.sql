-- What workers that have left in order served: their successors are on their way, and what only they had room for waits for
-- these (hand_over_requests). Unlogged: after a crash of the server they are forgotten, as if a minute had gone by.
create unlogged table @privschema@.retired_workers (
  worker_id uuid not null,
  models jsonb not null,
  retired_at timestamptz not null,
  constraint retired_workers_pkey primary key (worker_id)
);

comment on table @privschema@.retired_workers is 'Models of workers that have just left, until they are pruned.';
