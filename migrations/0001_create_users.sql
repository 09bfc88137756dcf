-- Who enqueues: one row a login, made by its first enqueue. Requests, logs and policies name users by the number, which
-- stays when a role is renamed here, and which is shorter in every index than the role's name.
create table @extschema@.steadytext_users (
  user_id int generated always as identity,
  role_name text not null,
  -- Share of the fleet while several users wait: twice the weight, twice the requests started.
  weight real not null default 1,
  created_at timestamptz not null default now(),
  constraint users_pkey primary key (user_id),
  constraint users_role_name_unique unique (role_name),
  constraint users_role_name_present check (role_name <> ''),
  constraint users_weight_in_range check (weight between 0.01 and 1000)
);
-- Every policy on tenant data, this table's included, lies below sql/policies. ENABLE and not FORCE: functions of the
-- owner must see all rows, and with FORCE a claim would find none.
alter table @extschema@.steadytext_users enable row level security;

comment on table @extschema@.steadytext_users is
  'Logins that have enqueued, with their number and their share of the fleet.';
comment on column @extschema@.steadytext_users.weight is
  'Share of the fleet while several users wait: twice the weight, twice the requests started.';
