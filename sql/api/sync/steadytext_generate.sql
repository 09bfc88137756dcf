-- Generate a text and wait for it, in one statement of any transaction (docs/sql-api.md).
create or replace function @extschema@.steadytext_generate(
  prompt text, max_tokens int default null, use_cache boolean default true, seed int default null,
  eos_string text default '[EOS]', model text default null, model_repo text default null, model_filename text default null,
  size text default null, unsafe_mode boolean default false, on_error text default 'raise')
returns text
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answers jsonb;
begin
  perform @privschema@.check_on_error(on_error, true);
  v_answers := jsonb_build_array(@privschema@.refused_files(model_repo, model_filename, size));
  if v_answers <> '[null]' then
    return @privschema@.sync_text(v_answers, on_error);
  end if;
  v_answers := @privschema@.sync_run('generate', array[prompt],
    jsonb_build_object('max_tokens', max_tokens, 'seed', seed, 'use_cache', use_cache, 'eos_string', eos_string),
    model, unsafe_mode);
  return @privschema@.sync_text(v_answers, on_error);
end
$$;

revoke all on function @extschema@.steadytext_generate from public;
comment on function @extschema@.steadytext_generate is
  'Generates a text and waits for it. Sees nothing of this transaction and is not undone with it.';
