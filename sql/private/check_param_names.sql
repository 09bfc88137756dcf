-- Only options that the request type has: an unknown one is a mistake in its name, or a load that nobody would read.
create or replace function @privschema@.check_param_names(p_request_type text, p_params jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known text[] := case p_request_type
    when 'generate' then array['max_tokens', 'seed', 'use_cache', 'eos_string', 'temperature', 'model',
      'top_k', 'top_p', 'min_tokens', 'stop', 'schema', 'pattern', 'choices']
    when 'embed' then array['seed', 'use_cache', 'on_long_text', 'dimension', 'model']
    when 'rerank' then array['documents', 'task', 'return_scores', 'seed', 'model']
    when 'summarize' then array['max_tokens', 'seed', 'use_cache', 'metadata', 'model']
    when 'extract_facts' then array['max_facts', 'seed', 'use_cache', 'model']
    else array['similarity_threshold', 'seed', 'use_cache', 'model']
  end;
  v_unknown text;
begin
  if p_params - v_known <> '{}' then
    select string_agg(left(k.name, 40), ', ' order by k.name) into v_unknown
    from (select jsonb_object_keys(p_params - v_known) as name limit 10) as k;
    perform @privschema@.raise_option('params', 'options that a request of type ' || p_request_type || ' has',
      v_unknown, 'Known are ' || array_to_string(v_known, ', ') || '.');
  end if;
end
$$;

revoke all on function @privschema@.check_param_names from public;
comment on function @privschema@.check_param_names is 'Raises ST004 for options that a request type does not have.';
