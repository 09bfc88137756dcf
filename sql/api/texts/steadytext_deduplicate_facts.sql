-- The facts of an array that say something new, each as it came, and wait for them. Of those that say the same the first stays.
create or replace function @extschema@.steadytext_deduplicate_facts(
  facts_array jsonb, similarity_threshold double precision default 0.85, use_cache boolean default true,
  seed int default null, model text default null, unsafe_mode boolean default false, on_error text default 'raise')
returns jsonb
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
-- A double precision becomes JSON by way of its text.
set extra_float_digits = 1
as $$
#variable_conflict use_variable
declare
  v_answers jsonb;
  v_outcome jsonb;
begin
  perform @privschema@.check_on_error(on_error, true);
  v_answers := @privschema@.sync_run('deduplicate_facts', array[facts_array::text],
    jsonb_build_object('similarity_threshold', similarity_threshold, 'use_cache', use_cache, 'seed', seed),
    model, unsafe_mode);
  v_outcome := @privschema@.sync_outcome(v_answers -> 0, on_error);
  return case when v_outcome ? 'error' then v_outcome else (v_outcome ->> 'result')::jsonb end;
end
$$;

revoke all on function @extschema@.steadytext_deduplicate_facts from public;
comment on function @extschema@.steadytext_deduplicate_facts is
  'Leaves out the facts whose embedding is nearer to one before them than the threshold. Waits for the result.';
