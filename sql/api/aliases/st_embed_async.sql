-- steadytext_embed_async under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_embed_async(
  text_input text, use_cache boolean default true, seed int default null, model text default null,
  unsafe_mode boolean default false, priority int default 5, scheduled_at timestamptz default null,
  idempotency_key text default null, on_long_text text default 'truncate', dimension int default null,
  into_table regclass default null, into_column text default null, into_key jsonb default null,
  from_column text default null)
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_embed_async(text_input, use_cache, seed, model, unsafe_mode, priority, scheduled_at,
    idempotency_key, on_long_text, dimension, into_table, into_column, into_key, from_column)
$$;

revoke all on function @extschema@.st_embed_async from public;
comment on function @extschema@.st_embed_async is 'Short for steadytext_embed_async.';
