-- The key of a call with default options: as enqueue_requests makes it.
create or replace function @privschema@.key_of_call(p_role_name text, p_cache_type text, p_input text, p_max_tokens int)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request_type text := case p_cache_type when 'generation' then 'generate' when 'embedding' then 'embed' end;
  v_facts record := @privschema@.enqueue_facts(p_role_name, v_request_type, null);
  v_options jsonb := '{}'::jsonb;
begin
  if v_request_type is null then
    perform @privschema@.raise_option('cache_type', 'generation or embedding', to_json(p_cache_type)::text,
      'Of a reranking no key can be told: its documents belong to it. Look into steadytext_cache.');
  end if;
  perform @privschema@.check_inputs(v_request_type, array[p_input], v_facts.max_input_length);
  if v_facts.model is null then
    perform @privschema@.refuse_model(v_request_type, null);
  end if;
  if v_request_type = 'generate' then
    v_options := jsonb_build_object('max_tokens', p_max_tokens);
  elsif p_max_tokens is not null then
    perform @privschema@.raise_option('max_tokens', 'left out for an embedding', p_max_tokens::text, 'An embedding has none.');
  end if;
  return @privschema@.cache_key(@privschema@.cache_key_head(v_request_type, v_facts.model,
    @privschema@.checked_params(v_request_type, v_options, v_facts.max_tokens, v_facts.default_max_tokens,
      v_facts.default_seed, v_facts.default_dimension)), p_input);
end
$$;

revoke all on function @privschema@.key_of_call from public;
comment on function @privschema@.key_of_call is 'Cache key of a generation or an embedding with default options.';
