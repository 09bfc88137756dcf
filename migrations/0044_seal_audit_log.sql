-- The audit log can be changed by whoever owns the database, and by superusers; from now on it cannot be changed unseen. Every
-- minute the rows of finished transactions are sealed: a row here holds the beginnings of their digests and a hash over
-- itself and the seal before it, which a worker signs with a key that the database does not have.
create table @extschema@.steadytext_audit_seals (
  number bigint not null,
  -- Rises where the log was restored: ids of transactions begin anew there.
  epoch int not null,
  -- begun: an epoch; found: rows that were there then; rows: those of finished transactions; dropped: what retention took.
  kind text not null,
  -- Of the table of users that was there, as binding_mark has it.
  mark bigint not null,
  -- The transactions whose rows these are: from the first to before the second.
  from_xid xid8 not null,
  to_xid xid8 not null,
  -- Rows of transactions from this one on have ids above the next.
  next_xid xid8 not null,
  last_id bigint not null,
  ids int8multirange not null,
  row_count bigint not null,
  -- 16 octets of each row's digest, in the order of the ids; null once all of the rows were dropped.
  prints bytea,
  prints_hash bytea not null,
  first_at timestamptz,
  last_at timestamptz,
  made_at timestamptz not null,
  hash bytea not null,
  -- By a worker that has the key: HMAC of number, hash and its own clock.
  signed_at timestamptz,
  key_id text,
  mac bytea,
  constraint audit_seals_pkey primary key (number),
  constraint audit_seals_kind_known check (kind in ('begun', 'found', 'rows', 'dropped')),
  constraint audit_seals_signed_whole check (num_nonnulls(signed_at, key_id, mac) in (0, 3)),
  constraint audit_seals_lengths check (length(hash) = 32 and length(prints_hash) = 32 and length(mac) = 32)
);
alter table @extschema@.steadytext_audit_seals alter column prints set storage external;
create index audit_seals_unsigned on @extschema@.steadytext_audit_seals (number) where mac is null;

-- What text of a user may be in a row (parameters, address, error) counts in its digest by a digest of its own, with a salt that
-- erasing takes away: then the rest can still be proved, and the text not even be guessed.
alter table @extschema@.steadytext_audit_log
  add column salt bytea,
  add column text_digest bytea;
alter table @extschema@.steadytext_audit_log
  alter column salt set statistics 0, alter column text_digest set statistics 0;
comment on column @extschema@.steadytext_audit_log.salt is 'Counts in the digest of what is text; gone with it.';
comment on column @extschema@.steadytext_audit_log.text_digest is
  'Of a row whose text was erased: the digest of what it was.';

-- What has been erased, of whom, by whom and why.
create table @extschema@.steadytext_erasures (
  id bigint generated always as identity,
  user_id int not null,
  erased_at timestamptz not null default clock_timestamp(),
  erased_by text not null,
  reason text not null,
  counts jsonb not null,
  not_covered text[] not null,
  -- Rows of the audit log up to here had their texts taken.
  last_audit_id bigint not null,
  constraint erasures_pkey primary key (id)
);
alter table @extschema@.steadytext_erasures enable row level security;
alter table @extschema@.steadytext_erasures
  alter column id set statistics 0, alter column user_id set statistics 0, alter column erased_at set statistics 0,
  alter column erased_by set statistics 0, alter column reason set statistics 0, alter column counts set statistics 0,
  alter column not_covered set statistics 0, alter column last_audit_id set statistics 0;

-- Transactions that may change rows of the audit log: those of retention and of erasing, while they do.
create table @privschema@.audit_permits (
  xid xid8 not null,
  constraint audit_permits_pkey primary key (xid)
);

-- Calls that were refused, counted for each role and second by whoever has them written down in spite of the rollback; the
-- fleet makes audit rows of them. Unlogged: after a crash those of the last minute are lost.
create unlogged table @privschema@.refusals (
  role_name text not null,
  function_name text not null,
  error_message text not null,
  client_addr text not null,
  refused_at timestamptz not null,
  calls bigint not null,
  constraint refusals_pkey primary key (role_name, refused_at)
);
alter table @privschema@.refusals enable row level security;
alter table @privschema@.refusals
  alter column role_name set statistics 0, alter column function_name set statistics 0,
  alter column error_message set statistics 0, alter column client_addr set statistics 0,
  alter column refused_at set statistics 0, alter column calls set statistics 0;

insert into @extschema@.steadytext_settings (name, value, default_value, unit, scope, description, lowest, highest) values
  ('audit_full_text', 'false', 'false', 'boolean', 'admin',
   'whether the audit log keeps inputs as they are, and not only lengths and hashes', null, null);

comment on table @extschema@.steadytext_audit_seals is 'Seals over the audit log: what was changed in it afterwards does not match them.';
comment on table @extschema@.steadytext_erasures is 'Receipts of steadytext_erase_user.';
comment on table @privschema@.audit_permits is 'Transactions that may change rows of the audit log.';
comment on table @privschema@.refusals is 'Refused calls, counted by role and second, until they are in the audit log.';

-- The partitions that are there refuse to be emptied from now on; make_partition sees to those to come. The function is made again
-- by its file of sql/, which says what it does.
create or replace function @privschema@.refuse_audit_change() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$ begin raise exception 'not migrated yet'; end $$;
do $$
declare
  v_partition regclass;
begin
  for v_partition in select i.inhrelid from pg_inherits i where i.inhparent = '@extschema@.steadytext_audit_log'::regclass loop
    execute format('create trigger audit_log_refuse_truncate before truncate on %s for each statement '
      'execute function @privschema@.refuse_audit_change()', v_partition);
  end loop;
end
$$;
