-- One insert for any number of inputs, whose options are the same and have been checked. Ids come back in input order. With a head
-- for keys of the cache, what is in there is completed at once, unless it is to be done later.
-- No row is locked that another session could wait for, unless an idempotency key is used twice at once.
create or replace function @privschema@.insert_requests(
  p_role_name text, p_user_id int, p_request_type text, p_prompts text[], p_params jsonb, p_params_bytes int, p_model text,
  p_priority int, p_scheduled_at timestamptz, p_idempotency_key text, p_is_batch boolean, p_call_digest bytea,
  p_cache_head bytea)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[] := array(select @privschema@.new_request_id() from generate_series(1, cardinality(p_prompts)));
  v_keys text[];
  -- Null each, where nothing is to be found or kept.
  v_cache_keys text[] := array(select @privschema@.cache_key(p_cache_head, i.prompt)
    from unnest(p_prompts) with ordinality as i (prompt, position) order by i.position);
  v_traceparent text := @privschema@.traceparent();
  v_due timestamptz := coalesce(p_scheduled_at, now());
  v_params_cost real := @privschema@.params_cost(p_params);
  v_times_read real := @privschema@.times_read(p_request_type);
  v_most_read real := @privschema@.most_read(p_request_type, p_params);
  v_inserted bigint;
begin
  if p_idempotency_key is not null then
    v_keys := @privschema@.request_keys(p_idempotency_key, cardinality(p_prompts), p_is_batch);
  end if;
  insert into @extschema@.steadytext_queue
    (request_id, user_id, asked_by, request_type, model, prompt, params, priority, scheduled_at, runnable, cost_estimate,
     input_bytes, idempotency_key, call_digest, cache_key, traceparent)
  select i.request_id, p_user_id, p_role_name, p_request_type, p_model, i.prompt, p_params, coalesce(p_priority, 5), v_due,
         v_due <= clock_timestamp(), @privschema@.request_cost(i.prompt, v_times_read, v_most_read, v_params_cost),
         octet_length(i.prompt) + p_params_bytes, i.idempotency_key, p_call_digest, i.cache_key, v_traceparent
  from unnest(v_ids, p_prompts, v_keys, v_cache_keys) with ordinality
    as i (request_id, prompt, idempotency_key, cache_key, position)
  order by i.position
  on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing;
  get diagnostics v_inserted = row_count;
  if v_inserted < cardinality(v_ids) then
    return @privschema@.known_requests(p_user_id, p_request_type, p_prompts, p_params, p_model, p_call_digest, v_keys,
      v_inserted, @privschema@.request_keys(p_idempotency_key, cardinality(p_prompts) + 1, p_is_batch));
  end if;
  if p_cache_head is not null and v_due <= clock_timestamp() then
    perform @privschema@.complete_from_cache(p_user_id, p_request_type, v_ids, v_cache_keys);
  end if;
  return v_ids;
end
$$;

revoke all on function @privschema@.insert_requests from public;
comment on function @privschema@.insert_requests is
  'Inserts one pending request an input; gives the ids in input order.';
