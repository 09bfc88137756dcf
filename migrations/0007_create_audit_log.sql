-- Who used what, when, with which outcome: written by the functions of the owner, in the transaction of the change
-- itself, and never updated. Partitioned for the reasons of the request log, kept longer.
create table @extschema@.steadytext_audit_log (
  id bigint generated always as identity,
  "timestamp" timestamptz not null default clock_timestamp(),
  user_id int,
  event_type text not null,
  function_name text not null,
  request_id uuid,
  -- Lengths, counts and keyed hashes: never a prompt, a document or a result.
  parameters jsonb not null default '{}',
  result_size int,
  duration_ms int,
  ip_address inet,
  success boolean not null,
  error_message text,
  -- With the digest of the row's content, what a seal over finished transactions is computed from.
  xid xid8 not null default pg_current_xact_id(),
  digest bytea not null,
  constraint audit_log_pkey primary key (id, "timestamp"),
  constraint audit_log_digest_length check (length(digest) = 32)
) partition by range ("timestamp");
alter table @extschema@.steadytext_audit_log enable row level security;

create table @privschema@.steadytext_audit_log_default partition of @extschema@.steadytext_audit_log default;
alter table @privschema@.steadytext_audit_log_default enable row level security;

comment on column @extschema@.steadytext_audit_log.ip_address is 'Where the request was enqueued, or enqueued again, from.';
comment on table @extschema@.steadytext_audit_log is 'Append-only record of use: lengths and keyed hashes, never text.';
