-- The state of an aggregate that summarises, with the metadata of one row more: of a key that several rows have, the first counts. A
-- portion is what is summarised by one request: some eight parts of a model's prompt, so that they run beside each other.
create or replace function @privschema@.summary_begun(p_state jsonb, p_metadata jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_metadata) <> 'object' then
    perform @privschema@.raise_option('metadata', 'a JSON object', p_metadata::text, 'Pass something like {"source": "the night shift"}.');
  elsif p_state is null then
    return jsonb_build_object('levels', '{}'::jsonb, 'rows', 0, 'metadata', coalesce(p_metadata, '{}'),
      'portion', least(16000, @extschema@.steadytext_config_get('max_input_length')::int));
  elsif p_metadata <@ (p_state -> 'metadata') or p_metadata is null then
    return p_state;
  end if;
  return jsonb_set(p_state, '{metadata}', p_metadata || (p_state -> 'metadata'));
end
$$;

revoke all on function @privschema@.summary_begun from public;
comment on function @privschema@.summary_begun is 'State of a summarising aggregate, begun where it is null.';
