-- What the two functions for generation share: the stored form of their options. A real becomes JSON by way of its text,
-- so it is written here with as many digits as tell it apart from its neighbours, not as the session likes to read it.
create or replace function @privschema@.enqueue_generate(
  p_prompts text[], p_max_tokens int, p_use_cache boolean, p_seed int, p_priority int, p_model text, p_eos_string text,
  p_temperature real, p_scheduled_at timestamptz, p_idempotency_key text, p_unsafe_mode boolean, p_is_batch boolean)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
begin
  if p_unsafe_mode and p_model is null then
    raise exception 'unsafe_mode=TRUE requires a model parameter'
      using hint = 'Name the model, or leave unsafe_mode out.';
  end if;
  return @privschema@.enqueue_requests('generate', p_prompts, jsonb_build_object(
      'max_tokens', p_max_tokens, 'seed', p_seed, 'use_cache', p_use_cache, 'eos_string', p_eos_string,
      'temperature', p_temperature),
    p_model, p_unsafe_mode, p_priority, p_scheduled_at, p_idempotency_key, p_is_batch);
end
$$;

revoke all on function @privschema@.enqueue_generate from public;
comment on function @privschema@.enqueue_generate is 'Enqueues generations that share their options.';
