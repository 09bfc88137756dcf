-- steadytext_generate_and_wait under its short name. Made of that one's file, with which a test compares it.
create or replace procedure @extschema@.st_generate_and_wait(
  prompt text, max_tokens int default null, use_cache boolean default true, seed int default null,
  eos_string text default '[EOS]', model text default null, unsafe_mode boolean default false, on_error text default 'raise',
  inout result text default null)
language plpgsql
as $$
begin
  call @extschema@.steadytext_generate_and_wait(prompt, max_tokens, use_cache, seed, eos_string, model, unsafe_mode,
    on_error, result);
end
$$;

revoke all on procedure @extschema@.st_generate_and_wait from public;
comment on procedure @extschema@.st_generate_and_wait is 'Short for steadytext_generate_and_wait.';
