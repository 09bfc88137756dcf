-- Enqueue the choice of one of several texts (docs/structured-output.md).
create or replace function @extschema@.steadytext_generate_choice_async(
  prompt text, choices text[], use_cache boolean default true, seed int default null, priority int default 5,
  model text default null, temperature real default 0, scheduled_at timestamptz default null,
  idempotency_key text default null, unsafe_mode boolean default false, max_tokens int default null,
  into_table regclass default null, into_column text default null, into_key jsonb default null,
  from_column text default null)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
-- As in steadytext_generate_async: a real becomes JSON by way of its text.
set extra_float_digits = 1
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  if prompt is null then
    raise exception 'Prompt cannot be empty' using hint = 'Pass some text.';
  elsif choices is null then
    raise exception 'Must provide at least 2 choices' using hint = 'Pass an array of the texts to choose from.';
  end if;
  insert into @privschema@.calls
    (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back)
  values ('generate', array[prompt], jsonb_build_object('choices', choices, 'max_tokens', max_tokens, 'seed', seed,
      'use_cache', use_cache, 'temperature', temperature),
    model, unsafe_mode, priority, scheduled_at, idempotency_key,
    case when num_nonnulls(into_table, into_column, into_key, from_column) > 0 then
      @privschema@.write_back_of('generate', into_table, into_column, array[into_key], from_column) end)
  returning request_ids into v_ids;
  return v_ids[1];
end
$$;

revoke all on function @extschema@.steadytext_generate_choice_async from public;
comment on function @extschema@.steadytext_generate_choice_async is
  'Enqueues the choice of one of several texts and gives its request id.';
