-- steadytext_generate_choice_batch_async with a row an input: its place among the inputs, from 1, and its request.
create or replace function @extschema@.steadytext_generate_choice_batch_rows_async(
  prompts text[], choices text[], use_cache boolean default true, seed int default null, priority int default 5,
  model text default null, temperature real default 0, scheduled_at timestamptz default null,
  idempotency_key text default null, unsafe_mode boolean default false, max_tokens int default null,
  into_table regclass default null, into_column text default null, into_keys jsonb[] default null,
  from_column text default null)
returns table (ordinal bigint, request_id uuid)
language plpgsql volatile rows 1000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  return query
    select i.ordinal, i.request_id
    from unnest(@extschema@.steadytext_generate_choice_batch_async(
      prompts, choices, use_cache, seed, priority, model, temperature, scheduled_at, idempotency_key, unsafe_mode,
      max_tokens, into_table, into_column, into_keys, from_column)) with ordinality as i (request_id, ordinal);
end
$$;

revoke all on function @extschema@.steadytext_generate_choice_batch_rows_async from public;
comment on function @extschema@.steadytext_generate_choice_batch_rows_async is
  'As steadytext_generate_choice_batch_async, with a row an input: (ordinal, request_id).';
