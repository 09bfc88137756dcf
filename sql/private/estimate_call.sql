-- What a request of a role would take, checked as if it were enqueued. The wait is told from how long the role's own requests of this
-- type and model have taken lately, one with another, and from those that go before this one: null where no worker that lives has the
-- model, or where none of them has ended lately.
create or replace function @privschema@.estimate_call(
  p_role_name text, p_input text, p_options jsonb, p_model text, p_priority int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type text := p_options ->> 'request_type';
  v_facts record;
  v_params jsonb;
  v_params_cost real;
  v_cost real;
  v_ahead bigint;
  v_hit boolean := false;
  v_seconds double precision;
begin
  if @privschema@.model_kinds_of(v_type) is null then
    perform @privschema@.raise_option('request_type',
      'generate, embed, rerank, summarize, extract_facts or deduplicate_facts', v_type, 'Say which kind of request it is to be.');
  end if;
  v_facts := @privschema@.enqueue_facts(p_role_name, v_type, p_model);
  perform @privschema@.check_inputs(v_type, array[p_input], v_facts.max_input_length);
  perform @privschema@.check_schedule(p_priority, null, null);
  v_params := @privschema@.checked_params(v_type,
    case when p_options -> 'max_tokens' <> 'null' then jsonb_build_object('max_tokens', p_options -> 'max_tokens') else '{}' end
      || case when jsonb_typeof(p_options -> 'params') = 'null' then '{}' else p_options -> 'params' end,
    v_facts.max_tokens, v_facts.default_max_tokens, v_facts.default_seed, v_facts.default_dimension);
  if v_facts.model is null then
    perform @privschema@.refuse_model(v_type, p_model);
  end if;
  v_params_cost := @privschema@.params_cost(v_params);
  v_cost := @privschema@.request_cost(p_input, @privschema@.times_read(v_type), @privschema@.most_read(v_type, v_params),
    v_params_cost);
  if v_facts.caches and coalesce((v_params ->> 'use_cache')::boolean, true) then
    v_hit := @privschema@.kept_result(p_role_name,
      @privschema@.cache_key(@privschema@.cache_key_head(v_type, v_facts.model, v_params), p_input)) is not null;
  end if;
  v_ahead := @privschema@.own_ahead(v_facts.user_id, v_type, v_facts.model, coalesce(p_priority, 5));
  if v_hit then
    v_ahead := 0;
    v_seconds := 0;
  elsif v_facts.model in (select s.name from @privschema@.served_models() s where s.state = 'running') then
    v_seconds := v_ahead * @privschema@.own_pace(v_facts.user_id, v_type, v_facts.model);
  end if;
  return jsonb_build_object('prompt_tokens', @privschema@.tokens_read(v_cost, v_params), 'max_total_tokens', v_cost,
    'cache_hit', v_hit, 'requests_ahead', v_ahead, 'wait_seconds', v_seconds);
end
$$;

revoke all on function @privschema@.estimate_call from public;
comment on function @privschema@.estimate_call is 'What a request of a role would take, as JSON.';
