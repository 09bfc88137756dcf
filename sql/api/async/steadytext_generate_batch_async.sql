-- Enqueue many generations with the same options: one insert, however many.
create or replace function @extschema@.steadytext_generate_batch_async(
  prompts text[], max_tokens int default null, use_cache boolean default true, seed int default 42,
  priority int default 5, model text default null, eos_string text default '[EOS]', temperature real default 0,
  scheduled_at timestamptz default null, idempotency_key text default null, unsafe_mode boolean default false)
returns uuid[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.check_batch(prompts, 'Batch cannot be empty');
  return @privschema@.enqueue_generate(prompts, max_tokens, use_cache, seed, priority, model, eos_string, temperature,
    scheduled_at, idempotency_key, unsafe_mode, true);
end
$$;

revoke all on function @extschema@.steadytext_generate_batch_async from public;
comment on function @extschema@.steadytext_generate_batch_async is
  'Enqueues one text generation a prompt and gives their request ids in the order of the prompts.';
