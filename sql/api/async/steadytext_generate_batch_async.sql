-- Enqueue many generations with the same options: one insert, however many.
create or replace function @extschema@.steadytext_generate_batch_async(
  prompts text[], max_tokens int default null, use_cache boolean default true, seed int default null,
  priority int default 5, model text default null, eos_string text default '[EOS]', temperature real default 0,
  scheduled_at timestamptz default null, idempotency_key text default null, unsafe_mode boolean default false,
  into_table regclass default null, into_column text default null, into_keys jsonb[] default null,
  from_column text default null)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
-- A real becomes JSON by way of its text: with as many digits as tell it apart from its neighbours, not as the session likes
-- to read it.
set extra_float_digits = 1
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls
    (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back)
  values ('generate batch', prompts, jsonb_build_object('max_tokens', max_tokens, 'seed', seed, 'use_cache', use_cache,
      'eos_string', eos_string, 'temperature', temperature),
    model, unsafe_mode, priority, scheduled_at, idempotency_key,
    case when num_nonnulls(into_table, into_column, into_keys, from_column) > 0 then
      @privschema@.write_back_of('generate', into_table, into_column, into_keys, from_column) end)
  returning request_ids into v_ids;
  return v_ids;
end
$$;

revoke all on function @extschema@.steadytext_generate_batch_async from public;
comment on function @extschema@.steadytext_generate_batch_async is
  'Enqueues one text generation a prompt and gives their request ids in the order of the prompts.';
