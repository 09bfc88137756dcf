-- What functions of SQL tell of the fleet and ask of it. A worker tells of its machine too; what it is asked for is a row, since a
-- notice is everybody's to send, and so is what it answered.
alter table @extschema@.steadytext_workers
  add column machine jsonb not null default '{}',
  add constraint workers_machine_is_small check (jsonb_typeof(machine) = 'object' and pg_column_size(machine) <= 2000);

create table @privschema@.fleet_orders (
  order_id uuid not null default gen_random_uuid(),
  what text not null,
  -- Null for all of a worker: of a preload its default models, of an unload every model.
  model text,
  -- Null for every worker.
  worker_id uuid,
  asked_by text not null,
  asked_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  constraint fleet_orders_pkey primary key (order_id),
  constraint fleet_orders_known check (what in ('preload', 'unload'))
);

create table @privschema@.order_answers (
  order_id uuid not null,
  worker_id uuid not null,
  done boolean not null,
  detail text not null,
  answered_at timestamptz not null default clock_timestamp(),
  constraint order_answers_pkey primary key (order_id, worker_id),
  constraint order_answers_short check (length(detail) <= 2000)
);

comment on table @privschema@.fleet_orders is 'What administrators ask of workers, until it expires.';
comment on table @privschema@.order_answers is 'What workers answered to that.';

-- What were names alone until now, with no bound where nobody has chosen one: the names' own values would close models of fleets that
-- run. What an administrator has chosen stays.
update @extschema@.steadytext_settings s
set description = d.description, has_effect = true, lowest = coalesce(d.lowest, s.lowest),
    default_value = coalesce(d.default_value, s.default_value),
    value = case when s.source = 'default' then coalesce(d.default_value, s.value) else s.value end,
    -- Or it would count as an administrator's.
    updated_at = clock_timestamp()
from (values
  ('enable_daemon', null, null::bigint, 'false: the fleet is paused, and workers begin nothing'),
  ('max_model_memory', '0', 0, 'memory that the open models of an engine may take; 0: no bound'),
  ('model_memory_limit', '0', 0, 'memory that the open models of a worker may take; 0: no bound'),
  ('max_memory_per_request', '0', 0, 'memory for the input, the keys and the values of one generation; 0: no bound')
) as d (name, default_value, lowest, description)
where s.name = d.name;
update @extschema@.steadytext_settings s
set description = d.description
from (values
  ('model_cache_mode', 'no effect: onnxruntime maps weights, and keeps what it computes with in memory of its own'),
  ('enable_model_sharing', 'no effect: engines are processes of their own, and the kernel shares what they map')
) as d (name, description)
where s.name = d.name;

-- Signatures that have gone.
drop function if exists @privschema@.heartbeat_worker(uuid, text, text, int, text, jsonb, jsonb, text);
