-- steadytext_generate_cached under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_generate_cached(
  prompt text, max_tokens int default null, seed int default null, on_error text default 'raise')
returns text
language sql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_generate_cached(prompt, max_tokens, seed, on_error)
$$;

revoke all on function @extschema@.st_generate_cached from public;
comment on function @extschema@.st_generate_cached is 'Short for steadytext_generate_cached.';
