-- Enqueue many embeddings with the same options: one insert, however many.
create or replace function @extschema@.steadytext_embed_batch_async(
  texts text[], use_cache boolean default true, seed int default null, model text default null,
  unsafe_mode boolean default false, priority int default 5, scheduled_at timestamptz default null,
  idempotency_key text default null, on_long_text text default 'truncate', dimension int default null,
  into_table regclass default null, into_column text default null, into_keys jsonb[] default null,
  from_column text default null)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_ids uuid[];
begin
  insert into @privschema@.calls
    (call, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back)
  values ('embed batch', texts,
    jsonb_build_object('use_cache', use_cache, 'seed', seed, 'on_long_text', on_long_text, 'dimension', dimension),
    model, unsafe_mode, priority, scheduled_at, idempotency_key,
    case when num_nonnulls(into_table, into_column, into_keys, from_column) > 0 then
      @privschema@.write_back_of('embed', into_table, into_column, into_keys, from_column) end)
  returning request_ids into v_ids;
  return v_ids;
end
$$;

revoke all on function @extschema@.steadytext_embed_batch_async from public;
comment on function @extschema@.steadytext_embed_batch_async is
  'Enqueues one embedding a text and gives their request ids in the order of the texts.';
