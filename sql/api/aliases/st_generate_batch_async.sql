-- steadytext_generate_batch_async under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_generate_batch_async(
  prompts text[], max_tokens int default null, use_cache boolean default true, seed int default null,
  priority int default 5, model text default null, eos_string text default '[EOS]', temperature real default 0,
  scheduled_at timestamptz default null, idempotency_key text default null, unsafe_mode boolean default false,
  into_table regclass default null, into_column text default null, into_keys jsonb[] default null,
  from_column text default null)
returns uuid[]
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_generate_batch_async(prompts, max_tokens, use_cache, seed, priority, model, eos_string,
    temperature, scheduled_at, idempotency_key, unsafe_mode, into_table, into_column, into_keys, from_column)
$$;

revoke all on function @extschema@.st_generate_batch_async from public;
comment on function @extschema@.st_generate_batch_async is 'Short for steadytext_generate_batch_async.';
