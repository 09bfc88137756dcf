-- The sentences of a text that say most of it, as they stand there, and wait for them. A text without any has none.
create or replace function @extschema@.steadytext_extract_facts(
  input_text text, max_facts int default 10, use_cache boolean default true, seed int default null, model text default null,
  unsafe_mode boolean default false, on_error text default 'raise')
returns jsonb
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answers jsonb;
  v_outcome jsonb;
begin
  perform @privschema@.check_on_error(on_error, true);
  if coalesce(btrim(input_text, @privschema@.blank_characters()), '') = '' and coalesce(max_facts, 10) between 1 and 50 then
    return '{"facts": []}'::jsonb;
  end if;
  v_answers := @privschema@.sync_run('extract_facts', array[input_text],
    jsonb_build_object('max_facts', max_facts, 'use_cache', use_cache, 'seed', seed), model, unsafe_mode);
  v_outcome := @privschema@.sync_outcome(v_answers -> 0, on_error);
  return case when v_outcome ? 'error' then v_outcome else (v_outcome ->> 'result')::jsonb end;
end
$$;

revoke all on function @extschema@.steadytext_extract_facts from public;
comment on function @extschema@.steadytext_extract_facts is
  'Sentences of a text that say most of it, word by word, in its order: {"facts": […]}. Waits for them.';
