-- Enqueue one generation. What is null has its default in checked_params; max_tokens has none here, for there it depends
-- on what an administrator allows.
create or replace function @extschema@.steadytext_generate_async(
  prompt text, max_tokens int default null, use_cache boolean default true, seed int default 42, priority int default 5,
  model text default null, eos_string text default '[EOS]', temperature real default 0,
  scheduled_at timestamptz default null, idempotency_key text default null, unsafe_mode boolean default false)
returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if prompt is null then
    raise exception 'Prompt cannot be empty' using hint = 'Pass some text.';
  end if;
  return (@privschema@.enqueue_generate(array[prompt], max_tokens, use_cache, seed, priority, model, eos_string,
    temperature, scheduled_at, idempotency_key, unsafe_mode, false))[1];
end
$$;

revoke all on function @extschema@.steadytext_generate_async from public;
comment on function @extschema@.steadytext_generate_async is
  'Enqueues a text generation and gives its request id. COMMIT, then wait with steadytext_get_async_result.';
