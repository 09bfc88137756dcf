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
begin
  insert into @extschema@.steadytext_queue
    (request_id, user_id, asked_by, request_type, model, prompt, params, priority, scheduled_at, runnable, cost_estimate,
     input_bytes, cache_key, traceparent)
  values (v_id, p_user_id, p_role_name, p_request_type, p_model, p_prompt, p_params, coalesce(p_priority, 5), v_due,
    v_due <= clock_timestamp(), @privschema@.request_cost(p_prompt, @privschema@.times_read(p_request_type),
      @privschema@.most_read(p_request_type, p_params), @privschema@.params_cost(p_params)),
    octet_length(p_prompt) + p_params_bytes, v_cache_key, @privschema@.traceparent());
  if v_cache_key is not null and v_due <= clock_timestamp() then
    perform @privschema@.complete_from_cache(p_user_id, p_request_type, array[v_id], array[v_cache_key]);
  end if;
  return v_id;
end
$$;

revoke all on function @privschema@.insert_request from public;
comment on function @privschema@.insert_request is 'Inserts one request, and completes it where its result is known; gives its id.';
