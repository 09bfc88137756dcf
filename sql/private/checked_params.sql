-- Options of a request in their one stored form: defaults filled in, ranges checked. Direct inserts come through here
-- as well as the functions, so what a worker reads has always been checked. Who names no max_tokens gets the
-- default, or the limit where that is lower: a limit must not refuse calls that ask for nothing. A choice gets what suffices for the longest
-- one, a token an octet, since it is charged with what it may take.
create or replace function @privschema@.checked_params(
  p_request_type text, p_params jsonb, p_max_tokens int, p_default_max_tokens int, p_default_seed int,
  p_default_dimension int)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_params jsonb := jsonb_strip_nulls(coalesce(p_params, '{}'));
  v_defaults jsonb;
begin
  if jsonb_typeof(v_params) <> 'object' then
    perform @privschema@.raise_option('params', 'a JSON object', v_params::text,
      'Pass options like {"max_tokens": 100}.');
  end if;
  -- A null in a schema is a value of it.
  if jsonb_typeof(p_params -> 'schema') <> 'null' then
    v_params := v_params || jsonb_build_object('schema', p_params -> 'schema');
  end if;
  v_defaults := case p_request_type
    when 'generate' then
      jsonb_build_object('max_tokens',
        least(coalesce(case when v_params ? 'choices' then @privschema@.longest_choice(v_params) end, p_default_max_tokens),
          p_max_tokens), 'seed', p_default_seed, 'use_cache', true, 'eos_string', '[EOS]',
        'temperature', 0)
    when 'embed' then
      jsonb_build_object('seed', p_default_seed, 'use_cache', true, 'on_long_text', 'truncate')
        || case when p_default_dimension is null then '{}' else jsonb_build_object('dimension', p_default_dimension) end
    when 'rerank' then jsonb_build_object('seed', p_default_seed, 'return_scores', true,
      'task', 'Given a web search query, retrieve relevant passages that answer the query')
    when 'summarize' then
      jsonb_build_object('max_tokens', least(128, p_max_tokens), 'seed', p_default_seed, 'use_cache', true)
    when 'extract_facts' then jsonb_build_object('max_facts', 10, 'seed', p_default_seed, 'use_cache', true)
    else jsonb_build_object('similarity_threshold', 0.85, 'seed', p_default_seed, 'use_cache', true)
  end;
  -- Most calls ask for nothing else, and what follows is a tenth of their time. A rerank must have its documents.
  if v_params <@ v_defaults and p_request_type <> 'rerank' then
    return v_defaults;
  end if;
  perform @privschema@.check_param_names(p_request_type, v_params);
  v_params := v_defaults || v_params;
  perform @privschema@.check_integer_param(v_params, 'seed', 0, 2147483647, 'seed must be non-negative');
  perform @privschema@.check_param_type(v_params, 'use_cache', 'boolean');
  if p_request_type = 'generate' then
    perform @privschema@.check_generate_params(v_params);
  elsif p_request_type = 'embed' then
    perform @privschema@.check_embed_params(v_params);
  elsif p_request_type = 'rerank' then
    perform @privschema@.check_rerank_params(v_params);
  elsif p_request_type = 'summarize' then
    perform @privschema@.check_summarize_params(v_params, p_max_tokens);
  else
    perform @privschema@.check_facts_params(v_params);
  end if;
  return v_params;
end
$$;

revoke all on function @privschema@.checked_params from public;
comment on function @privschema@.checked_params is 'Options of a request with defaults filled in and ranges checked.';
