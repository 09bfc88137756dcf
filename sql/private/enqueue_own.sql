-- What steadytext_generate_and_wait enqueues, as its caller: its id, or the error, as answers of a synchronous call are.
create or replace function @privschema@.enqueue_own(
  p_prompt text, p_max_tokens int, p_use_cache boolean, p_seed int, p_eos_string text, p_model text, p_unsafe_mode boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
  v_state text;
  v_message text;
  v_hint text;
begin
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode)
  values ('generate', array[p_prompt], jsonb_build_object('max_tokens', p_max_tokens, 'seed', p_seed,
    'use_cache', p_use_cache, 'eos_string', p_eos_string), p_model, p_unsafe_mode)
  returning request_ids into v_ids;
  return jsonb_build_array(jsonb_build_object('request_id', v_ids[1]));
exception when others then
  get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint;
  return jsonb_build_array(@privschema@.error_answer(v_state, v_message, v_hint));
end
$$;

revoke all on function @privschema@.enqueue_own from public;
comment on function @privschema@.enqueue_own is 'Enqueues a generation of one''s own; gives its id or the error as JSON.';
