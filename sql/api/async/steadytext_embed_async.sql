-- Enqueue one embedding.
create or replace function @extschema@.steadytext_embed_async(
  text_input text, use_cache boolean default true, seed int default 42, model text default null,
  unsafe_mode boolean default false, priority int default 5, scheduled_at timestamptz default null,
  idempotency_key text default null, on_long_text text default 'truncate', dimension int default null)
returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (@privschema@.enqueue_embed(array[text_input], use_cache, seed, model, unsafe_mode, priority, scheduled_at,
    idempotency_key, on_long_text, dimension, false))[1];
end
$$;

revoke all on function @extschema@.steadytext_embed_async from public;
comment on function @extschema@.steadytext_embed_async is
  'Enqueues an embedding and gives its request id. COMMIT, then wait with steadytext_get_async_result_embedding.';
