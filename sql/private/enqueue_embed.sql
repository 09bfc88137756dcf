-- What the two functions for embeddings share: the stored form of their options.
create or replace function @privschema@.enqueue_embed(
  p_texts text[], p_use_cache boolean, p_seed int, p_model text, p_unsafe_mode boolean, p_priority int,
  p_scheduled_at timestamptz, p_idempotency_key text, p_on_long_text text, p_dimension int, p_is_batch boolean)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return @privschema@.enqueue_requests('embed', p_texts, jsonb_build_object(
      'use_cache', p_use_cache, 'seed', p_seed, 'on_long_text', p_on_long_text, 'dimension', p_dimension),
    p_model, p_unsafe_mode, p_priority, p_scheduled_at, p_idempotency_key, p_is_batch);
end
$$;

revoke all on function @privschema@.enqueue_embed from public;
comment on function @privschema@.enqueue_embed is 'Enqueues embeddings that share their options.';
