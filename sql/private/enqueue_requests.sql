-- Every function that enqueues ends here, with its options as jsonb: checks what all request types have, and inserts.
create or replace function @privschema@.enqueue_requests(
  p_role_name text, p_request_type text, p_inputs text[], p_options jsonb, p_model text, p_unsafe_mode boolean, p_priority int,
  p_scheduled_at timestamptz, p_idempotency_key text, p_is_batch boolean)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_facts record := @privschema@.enqueue_facts(p_role_name, p_request_type, p_model);
  v_params jsonb;
  v_user_id int;
  v_params_bytes int;
  v_cache_head bytea;
begin
  -- One statement and not three. With a plan for any values (enqueue_call sees to that) they speak in this order; else those that are
  -- IMMUTABLE would be asked first, while it is planned.
  perform @privschema@.check_inputs(p_request_type, p_inputs, v_facts.max_input_length),
    @privschema@.check_remote_model(p_model, p_unsafe_mode),
    @privschema@.check_schedule(p_priority, p_scheduled_at, p_idempotency_key);
  if v_facts.validates then
    perform @privschema@.check_words(p_inputs);
  end if;
  v_params := @privschema@.checked_params(p_request_type, p_options, v_facts.max_tokens, v_facts.default_max_tokens,
    v_facts.default_seed, v_facts.default_dimension);
  if v_facts.model is null then
    perform @privschema@.refuse_model(p_request_type, p_model);
  end if;
  v_user_id := coalesce(v_facts.user_id, @privschema@.ensure_user_id(p_role_name));
  v_params_bytes := @privschema@.check_request_bytes(p_inputs, v_params, v_facts.max_request_bytes);
  if v_facts.caches and coalesce((v_params ->> 'use_cache')::boolean, true) then
    v_cache_head := @privschema@.cache_key_head(p_request_type, v_facts.model, v_params);
  end if;
  if cardinality(p_inputs) = 1 and p_idempotency_key is null then
    return array[@privschema@.insert_request(p_role_name, v_user_id, p_request_type, p_inputs[array_lower(p_inputs, 1)],
      v_params, v_params_bytes, v_facts.model, p_priority, p_scheduled_at, v_cache_head)];
  end if;
  return @privschema@.insert_requests(p_role_name, v_user_id, p_request_type, p_inputs, v_params, v_params_bytes,
    v_facts.model, p_priority, p_scheduled_at, p_idempotency_key, p_is_batch,
    case when p_idempotency_key is not null
      then @privschema@.call_digest(p_request_type, p_options, p_model) end, v_cache_head);
end
$$;

revoke all on function @privschema@.enqueue_requests from public;
comment on function @privschema@.enqueue_requests is
  'Checks and enqueues requests that share their options; gives the ids in input order.';
