-- Options of a summary: what is passed by name, or else stands in its metadata; the rest of the metadata is told with the text.
create or replace function @privschema@.summary_options(p_metadata jsonb, p_max_tokens int, p_use_cache boolean, p_seed int)
returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'max_tokens', coalesce(to_jsonb(p_max_tokens), p_metadata -> 'max_tokens'), 'seed', coalesce(to_jsonb(p_seed), p_metadata -> 'seed'),
    'use_cache', case when p_use_cache is false then to_jsonb(false) else coalesce(p_metadata -> 'use_cache', to_jsonb(p_use_cache)) end,
    'metadata', nullif(case jsonb_typeof(p_metadata)
      when 'object' then p_metadata - array['model', 'unsafe_mode', 'max_tokens', 'seed', 'use_cache', 'on_error']
      else p_metadata end, '{}'))
$$;

revoke all on function @privschema@.summary_options from public;
comment on function @privschema@.summary_options is 'Options of a summary, of its arguments and its metadata.';
