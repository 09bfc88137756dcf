-- steadytext_summarize_async under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_summarize_async(
  input_text text, max_tokens int default null, use_cache boolean default true, seed int default null, priority int default 5,
  model text default null, scheduled_at timestamptz default null, idempotency_key text default null,
  unsafe_mode boolean default false, metadata jsonb default '{}')
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_summarize_async(input_text, max_tokens, use_cache, seed, priority, model, scheduled_at,
    idempotency_key, unsafe_mode, metadata)
$$;

revoke all on function @extschema@.st_summarize_async from public;
comment on function @extschema@.st_summarize_async is 'Short for steadytext_summarize_async.';
