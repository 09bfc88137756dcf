-- Choose one of several texts and wait for it (docs/structured-output.md).
create or replace function @extschema@.steadytext_generate_choice(
  prompt text, choices text[], max_tokens int default null, use_cache boolean default true, seed int default null,
  unsafe_mode boolean default false, model text default null, on_error text default 'raise')
returns text
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answers jsonb;
begin
  perform @privschema@.check_on_error(on_error, true);
  if coalesce(cardinality(choices), 0) = 0 then
    return @privschema@.sync_text(jsonb_build_array(@privschema@.error_answer('P0001', 'Choices cannot be null or empty',
      'Pass an array of the texts to choose from.')), on_error);
  end if;
  v_answers := @privschema@.sync_run('generate', array[prompt],
    jsonb_build_object('choices', choices, 'max_tokens', max_tokens, 'seed', seed, 'use_cache', use_cache),
    model, unsafe_mode);
  return @privschema@.sync_text(v_answers, on_error);
end
$$;

revoke all on function @extschema@.steadytext_generate_choice from public;
comment on function @extschema@.steadytext_generate_choice is
  'Chooses one of several texts and waits for it.';
