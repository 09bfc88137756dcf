-- Results that are to be written into a table of the user's: where each request's goes, beside the queue and not in it, since few
-- have one and every claim and settle writes the queue's rows again. Written by steadytext_apply_results with its caller's own rights;
-- the fleet never reads this table.
create table @privschema@.write_backs (
  request_id uuid not null,
  user_id int not null,
  -- By name, as %I writes it: numbers of tables do not outlive a dump.
  into_table text not null,
  -- Whose table it was: under the name of one that is gone anybody may make another, with triggers of their own.
  table_owner text not null,
  into_column text not null,
  into_key jsonb not null,
  -- Null for all columns but into_column.
  from_column text,
  -- sha256 of what the row held there when the request was enqueued.
  source_digest bytea not null,
  -- Whether the request has ended. Kept beside it (log_finished), so that whoever writes looks at nothing that still waits.
  is_finished boolean not null default false,
  -- Null while it waits to be written.
  outcome text,
  error text,
  noted_at timestamptz,
  constraint write_backs_pkey primary key (request_id),
  constraint write_backs_table_short check (length(into_table) <= 300),
  constraint write_backs_columns_short check (length(into_column) <= 63 and length(from_column) <= 63),
  constraint write_backs_key_is_object check (jsonb_typeof(into_key) = 'object' and octet_length(into_key::text) <= 10000),
  constraint write_backs_digest_whole check (octet_length(source_digest) = 32),
  constraint write_backs_outcome_known
    check (outcome in ('applied', 'stale', 'refused', 'failed', 'cancelled', 'expired')),
  constraint write_backs_finished check (is_finished or outcome is null),
  constraint write_backs_noted check ((outcome is null) = (noted_at is null)),
  constraint write_backs_error_short check (length(error) <= 1000)
);
alter table @privschema@.write_backs enable row level security;
alter table @privschema@.write_backs
  alter column is_finished set statistics 0, alter column request_id set statistics 0, alter column user_id set statistics 0, alter column into_table set statistics 0, alter column table_owner set statistics 0,
  alter column into_column set statistics 0, alter column into_key set statistics 0, alter column from_column set statistics 0,
  alter column source_digest set statistics 0, alter column outcome set statistics 0, alter column error set statistics 0,
  alter column noted_at set statistics 0;
create index write_backs_waiting on @privschema@.write_backs (user_id, request_id) where is_finished and outcome is null;
create index write_backs_awaited on @privschema@.write_backs (request_id) where not is_finished;
create index write_backs_noted on @privschema@.write_backs (noted_at) where noted_at is not null;

comment on table @privschema@.write_backs is 'Where results of requests are to be written, and what came of it.';

-- Signatures that have gone: where a result goes is new at their end.
drop function if exists @extschema@.steadytext_generate_async(text, int, boolean, int, int, text, text, real, timestamptz, text, boolean);
drop function if exists @extschema@.steadytext_generate_json_async(text, jsonb, int, boolean, int, int, text, real, timestamptz, text, boolean);
drop function if exists @extschema@.steadytext_generate_regex_async(text, text, int, boolean, int, int, text, real, timestamptz, text, boolean);
drop function if exists @extschema@.steadytext_generate_choice_async(text, text[], boolean, int, int, text, real, timestamptz, text, boolean, int);
drop function if exists @extschema@.steadytext_embed_async(text, boolean, int, text, boolean, int, timestamptz, text, text, int);
drop function if exists @extschema@.steadytext_rerank_async(text, text[], text, boolean, int, int, text, timestamptz, text);
drop function if exists @extschema@.steadytext_generate_batch_async(text[], int, boolean, int, int, text, text, real, timestamptz, text, boolean);
drop function if exists @extschema@.steadytext_embed_batch_async(text[], boolean, int, text, boolean, int, timestamptz, text, text, int);
drop function if exists @extschema@.steadytext_rerank_batch_async(text[], text[], text, boolean, int, int, text, timestamptz, text);
