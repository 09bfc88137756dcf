-- steadytext_generate_stream under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_generate_stream(
  prompt text, max_tokens int default null, use_cache boolean default true, seed int default null,
  eos_string text default '[EOS]', model text default null, model_repo text default null, model_filename text default null,
  size text default null, unsafe_mode boolean default false, on_error text default 'raise')
returns setof text
language sql volatile parallel unsafe cost 100000 rows 100
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_generate_stream(prompt, max_tokens, use_cache, seed, eos_string, model, model_repo,
    model_filename, size, unsafe_mode, on_error)
$$;

revoke all on function @extschema@.st_generate_stream from public;
comment on function @extschema@.st_generate_stream is 'Short for steadytext_generate_stream.';
