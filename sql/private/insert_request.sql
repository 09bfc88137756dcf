-- One request without an idempotency key, the usual one, in statements that do nothing for many or for a key. Its options have been
-- checked. With a head for the key of the cache, it is completed at once if its result is in there, unless it is to be done later.
create or replace function @privschema@.insert_request(
  p_role_name text, p_user_id int, p_request_type text, p_prompt text, p_params jsonb, p_params_bytes int, p_model text,
  p_priority int, p_scheduled_at timestamptz, p_cache_head bytea)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := @privschema@.new_request_id();
  v_cache_key text := @privschema@.cache_key(p_cache_head, p_prompt);
  v_due timestamptz := coalesce(p_scheduled_at, now());
  v_entry bigint;
  v_row tid;
  v_is_final boolean;
begin
  if v_cache_key is not null and v_due <= clock_timestamp() then
    v_entry := (@privschema@.find_kept(p_user_id, p_request_type, array[v_cache_key]))[1];
  end if;
  -- As pending, or with its result at once: written as pending first, each index would get the row twice.
  insert into @extschema@.steadytext_queue as q
    (request_id, user_id, asked_by, request_type, model, prompt, params, priority, scheduled_at, runnable, cost_estimate,
     input_bytes, cache_key, traceparent, status, completed_at, result, embedding, tokens_in, tokens_out, processing_time_ms,
     model_digest, receipt)
  select v_id, p_user_id, p_role_name, p_request_type, p_model, p_prompt, p_params, coalesce(p_priority, 5), v_due,
    e.id is null and v_due <= clock_timestamp(), @privschema@.request_cost(p_prompt, @privschema@.times_read(p_request_type),
      @privschema@.most_read(p_request_type, p_params), @privschema@.params_cost(p_params)),
    octet_length(p_prompt) + p_params_bytes, v_cache_key, @privschema@.traceparent(),
    case when e.id is null then 'pending' else 'completed' end, case when e.id is not null then clock_timestamp() end,
    e.result, e.embedding, e.tokens_in, e.tokens_out, case when e.id is not null then 0 end, e.model_digest,
    e.receipt || '{"cached": true}'
  from (values (v_entry)) as k (entry_id)
  left join @extschema@.steadytext_cache_entries e on e.id = k.entry_id
  returning q.ctid, q.completed_at is not null into v_row, v_is_final;
  if v_is_final then
    perform @privschema@.log_finished(array[v_row]);
  end if;
  return v_id;
end
$$;

revoke all on function @privschema@.insert_request from public;
comment on function @privschema@.insert_request is 'Inserts one request, and completes it where its result is known; gives its id.';
