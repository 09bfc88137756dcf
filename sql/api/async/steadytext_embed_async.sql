-- Enqueue one embedding.
create or replace function @extschema@.steadytext_embed_async(
  text_input text, use_cache boolean default true, seed int default null, model text default null,
  unsafe_mode boolean default false, priority int default 5, scheduled_at timestamptz default null,
  idempotency_key text default null, on_long_text text default 'truncate', dimension int default null,
  into_table regclass default null, into_column text default null, into_key jsonb default null,
  from_column text default null)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls
    (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back)
  values ('embed', array[text_input],
    jsonb_build_object('use_cache', use_cache, 'seed', seed, 'on_long_text', on_long_text, 'dimension', dimension),
    model, unsafe_mode, priority, scheduled_at, idempotency_key,
    case when num_nonnulls(into_table, into_column, into_key, from_column) > 0 then
      @privschema@.write_back_of('embed', into_table, into_column, array[into_key], from_column) end)
  returning request_ids into v_ids;
  return v_ids[1];
end
$$;

revoke all on function @extschema@.steadytext_embed_async from public;
comment on function @extschema@.steadytext_embed_async is
  'Enqueues an embedding and gives its request id. COMMIT, then wait with steadytext_get_async_result_embedding.';
