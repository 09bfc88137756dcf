-- The fleet as it last said of itself. A worker that was killed leaves its row; its heartbeat then stands still.
create table @extschema@.steadytext_workers (
  worker_id uuid not null,
  state text not null,
  host text not null,
  pid int not null,
  version text not null,
  login text not null,
  engines jsonb not null default '[]',
  models jsonb not null default '[]',
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  constraint workers_pkey primary key (worker_id),
  constraint workers_state_known check (state in ('starting', 'running', 'draining')),
  constraint workers_lists_are_arrays check (jsonb_typeof(engines) = 'array' and jsonb_typeof(models) = 'array')
) with (fillfactor = 50);

comment on table @extschema@.steadytext_workers is
  'Workers with their engines and models; heartbeat_at tells whether they live.';

-- Fair order between users, as each worker keeps it for itself: no row here is ever shared by two workers, so no
-- claim waits for another's. Unlogged: it is worth nothing after a crash, and everybody then starts level again.
create unlogged table @privschema@.virtual_times (
  worker_id uuid not null,
  request_type text not null,
  model text not null,
  user_id int not null,
  -- Work done for the user divided by its weight, before and after its last share.
  virtual_start double precision not null,
  virtual_finish double precision not null,
  -- Mean cost of a request in that share: the guess for the next.
  row_cost double precision not null,
  constraint virtual_times_pkey primary key (worker_id, request_type, model, user_id),
  constraint virtual_times_forward check (virtual_finish >= virtual_start and row_cost > 0)
) with (fillfactor = 50);

comment on table @privschema@.virtual_times is
  'How far each worker has come with each user''s requests of a type and model.';
