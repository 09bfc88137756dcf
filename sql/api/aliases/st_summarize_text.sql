-- steadytext_summarize_text under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_summarize_text(
  input_text text, metadata jsonb default '{}', model text default null, unsafe_mode boolean default false,
  max_tokens int default null, use_cache boolean default true, seed int default null, on_error text default 'raise')
returns text
language sql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_summarize_text(input_text, metadata, model, unsafe_mode, max_tokens, use_cache, seed,
    on_error)
$$;

revoke all on function @extschema@.st_summarize_text from public;
comment on function @extschema@.st_summarize_text is 'Short for steadytext_summarize_text.';
