-- steadytext_generate_choice under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_generate_choice(
  prompt text, choices text[], max_tokens int default null, use_cache boolean default true, seed int default null,
  unsafe_mode boolean default false, model text default null, on_error text default 'raise')
returns text
language sql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_generate_choice(prompt, choices, max_tokens, use_cache, seed, unsafe_mode, model,
    on_error)
$$;

revoke all on function @extschema@.st_generate_choice from public;
comment on function @extschema@.st_generate_choice is 'Short for steadytext_generate_choice.';
