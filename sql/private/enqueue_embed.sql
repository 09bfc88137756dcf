-- What the two functions for embeddings share.
create or replace function @privschema@.enqueue_embed(
  p_texts text[], p_use_cache boolean, p_seed int, p_model text, p_unsafe_mode boolean, p_priority int,
  p_scheduled_at timestamptz, p_idempotency_key text, p_is_batch boolean)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_params jsonb;
begin
  perform @privschema@.check_inputs('Text', p_texts, @privschema@.setting_number('max_input_length'));
  perform @privschema@.check_remote_model(p_model, p_unsafe_mode);
  perform @privschema@.check_schedule(p_priority, p_scheduled_at, p_idempotency_key);
  v_params := @privschema@.checked_params('embed', jsonb_build_object('use_cache', p_use_cache, 'seed', p_seed));
  return @privschema@.enqueue_requests('embed', p_texts, v_params, @privschema@.resolve_model('embed', p_model),
    p_priority, p_scheduled_at, p_idempotency_key, p_is_batch);
end
$$;

revoke all on function @privschema@.enqueue_embed from public;
comment on function @privschema@.enqueue_embed is 'Checks and enqueues embeddings that share their options.';
