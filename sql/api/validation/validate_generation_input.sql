-- Whether a generation would be let in, without enqueueing it; and its words are looked at whether or not
-- enable_input_validation has that done for every generation.
create or replace function @extschema@.validate_generation_input(prompt text, max_tokens int)
returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_longest int := @privschema@.setting('max_input_length')::int;
  v_most int := @privschema@.setting('max_tokens_limit')::int;
begin
  if length(prompt) > v_longest then
    raise exception 'Prompt too long: % characters', length(prompt)
      using hint = format('It may have %s: shorten it, or have an administrator raise max_input_length.', v_longest);
  end if;
  perform @privschema@.check_inputs('generate', array[prompt], v_longest);
  perform @privschema@.check_words(array[prompt]);
  if max_tokens > v_most then
    raise exception 'Token limit too high: %', max_tokens
      using hint = format('Ask for %s at most, or have an administrator raise max_tokens_limit.', v_most);
  elsif max_tokens < 1 then
    raise exception 'max_tokens must be between 1 and %', v_most
      using hint = format('%s came; leave it null for the default.', max_tokens);
  end if;
  return true;
end
$$;

revoke all on function @extschema@.validate_generation_input from public;
comment on function @extschema@.validate_generation_input is
  'True if a prompt and its max_tokens may be generated from; raises and says why if not.';
