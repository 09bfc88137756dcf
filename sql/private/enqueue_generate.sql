-- What the two functions for generation share: checks, the stored form of the options, the model.
create or replace function @privschema@.enqueue_generate(
  p_prompts text[], p_max_tokens int, p_use_cache boolean, p_seed int, p_priority int, p_model text, p_eos_string text,
  p_temperature real, p_scheduled_at timestamptz, p_idempotency_key text, p_unsafe_mode boolean, p_is_batch boolean)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_params jsonb;
begin
  perform @privschema@.check_inputs('Prompt', p_prompts, @privschema@.setting_number('max_input_length'));
  if p_unsafe_mode and p_model is null then
    raise exception 'unsafe_mode=TRUE requires a model parameter'
      using hint = 'Name the model, or leave unsafe_mode out.';
  end if;
  perform @privschema@.check_remote_model(p_model, p_unsafe_mode);
  perform @privschema@.check_schedule(p_priority, p_scheduled_at, p_idempotency_key);
  v_params := @privschema@.checked_params('generate', jsonb_build_object(
    'max_tokens', p_max_tokens, 'seed', p_seed, 'use_cache', p_use_cache, 'eos_string', p_eos_string,
    'temperature', p_temperature));
  return @privschema@.enqueue_requests('generate', p_prompts, v_params, @privschema@.resolve_model('generate', p_model),
    p_priority, p_scheduled_at, p_idempotency_key, p_is_batch);
end
$$;

revoke all on function @privschema@.enqueue_generate from public;
comment on function @privschema@.enqueue_generate is 'Checks and enqueues generations that share their options.';
