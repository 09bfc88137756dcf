-- Who enqueues: one row a role, by its oid, so that a renamed role keeps its requests and a new role of an old name does
-- not come into another's. Requests, logs and policies name users by the number, which is shorter in every index.
create table @extschema@.steadytext_users (
  user_id int generated always as identity,
  -- What the role was called when last seen: for people to read, and for steadytext_rebind_users.
  role_name text not null,
  -- Null for a role that there is not.
  role_oid oid,
  -- The writer role's own oid when this row was bound to its role. Another one now means a database restored into another
  -- cluster, where the same oids are other roles: then the row is nobody's until steadytext_rebind_users.
  writer_oid oid not null default to_regrole('@roleprefix@steadytext_writer')::oid,
  -- Share of the fleet while several users wait: twice the weight, twice the requests started.
  weight real not null default 1,
  created_at timestamptz not null default now(),
  constraint users_pkey primary key (user_id),
  constraint users_role_unique unique (role_oid, writer_oid),
  constraint users_role_name_present check (role_name <> ''),
  constraint users_weight_in_range check (weight between 0.01 and 1000)
);
-- Every policy on tenant data, this table's included, lies below sql/policies. ENABLE and not FORCE: functions of the
-- owner must see all rows, and with FORCE a claim would find none.
alter table @extschema@.steadytext_users enable row level security;

comment on table @extschema@.steadytext_users is
  'Roles that may enqueue, with their number and their share of the fleet.';
comment on column @extschema@.steadytext_users.weight is
  'Share of the fleet while several users wait: twice the weight, twice the requests started.';
