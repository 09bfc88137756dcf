-- Enqueue many embeddings with the same options: one insert, however many.
create or replace function @extschema@.steadytext_embed_batch_async(
  texts text[], use_cache boolean default true, seed int default 42, model text default null,
  unsafe_mode boolean default false, priority int default 5, scheduled_at timestamptz default null,
  idempotency_key text default null, on_long_text text default 'truncate', dimension int default null)
returns uuid[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.check_batch(texts, 'texts array cannot be null or empty');
  return @privschema@.enqueue_embed(texts, use_cache, seed, model, unsafe_mode, priority, scheduled_at,
    idempotency_key, on_long_text, dimension, true);
end
$$;

revoke all on function @extschema@.steadytext_embed_batch_async from public;
comment on function @extschema@.steadytext_embed_batch_async is
  'Enqueues one embedding a text and gives their request ids in the order of the texts.';
