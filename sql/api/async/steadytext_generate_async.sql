-- Enqueue one generation. What is null has its default in checked_params; max_tokens has none here, for there it depends
-- on what an administrator allows.
create or replace function @extschema@.steadytext_generate_async(
  prompt text, max_tokens int default null, use_cache boolean default true, seed int default null, priority int default 5,
  model text default null, eos_string text default '[EOS]', temperature real default 0,
  scheduled_at timestamptz default null, idempotency_key text default null, unsafe_mode boolean default false,
  into_table regclass default null, into_column text default null, into_key jsonb default null,
  from_column text default null)
returns uuid
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
  if prompt is null then
    raise exception 'Prompt cannot be empty' using hint = 'Pass some text.';
  end if;
  insert into @privschema@.calls
    (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back)
  values ('generate', array[prompt], jsonb_build_object('max_tokens', max_tokens, 'seed', seed, 'use_cache', use_cache,
      'eos_string', eos_string, 'temperature', temperature),
    model, unsafe_mode, priority, scheduled_at, idempotency_key,
    case when num_nonnulls(into_table, into_column, into_key, from_column) > 0 then
      @privschema@.write_back_of('generate', into_table, into_column, array[into_key], from_column) end)
  returning request_ids into v_ids;
  return v_ids[1];
end
$$;

revoke all on function @extschema@.steadytext_generate_async from public;
comment on function @extschema@.steadytext_generate_async is
  'Enqueues a text generation and gives its request id. COMMIT, then wait with steadytext_get_async_result.';
