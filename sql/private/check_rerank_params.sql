-- The options of a rerank request, its documents among them.
create or replace function @privschema@.check_rerank_params(p_params jsonb)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_documents jsonb := p_params -> 'documents';
  v_most int := @privschema@.setting('max_documents')::int;
  v_max_length int := @privschema@.setting('max_input_length')::int;
  v_types text[];
  v_has_blank boolean;
  v_longest int;
begin
  perform @privschema@.check_param_type(p_params, 'task', 'string');
  perform @privschema@.check_param_type(p_params, 'return_scores', 'boolean');
  if v_documents is null then
    raise exception 'Documents cannot be null' using hint = 'Pass an array of texts to rank.';
  end if;
  perform @privschema@.check_param_type(p_params, 'documents', 'array');
  if jsonb_array_length(v_documents) = 0 then
    raise exception 'Documents array cannot be empty' using hint = 'Pass at least one text to rank.';
  elsif jsonb_array_length(v_documents) > v_most then
    raise exception using errcode = 'ST009',
      message = format('Documents should be at most %s, but are %s', v_most, jsonb_array_length(v_documents)),
      hint = 'Rank in parts, or have an administrator raise max_documents in steadytext_settings.';
  end if;
  select array_agg(distinct jsonb_typeof(d.document)), max(length(d.document #>> '{}')),
         bool_or(btrim(d.document #>> '{}', @privschema@.blank_characters()) = '')
  into v_types, v_longest, v_has_blank
  from jsonb_array_elements(v_documents) as d (document);
  if 'array' = any (v_types) then
    perform @privschema@.raise_option('documents', 'an array of one dimension', format('an array of %ss', array_to_string(v_types, 's and ')),
      'Rank one list of texts a call.');
  elsif 'null' = any (v_types) then
    raise exception 'Documents cannot contain null elements'
      using hint = 'Leave nulls out: array_remove(documents, null).';
  elsif v_types <> array['string'] then
    perform @privschema@.raise_option('documents', 'an array of texts', v_types::text, 'Cast each document to text.');
  elsif v_has_blank then
    raise exception 'Documents cannot contain empty elements'
      using hint = 'Leave out those without any text but white space.';
  elsif v_longest > v_max_length or length(p_params ->> 'task') > v_max_length then
    raise exception using errcode = 'ST009',
      message = format('Documents and task should have at most %s characters each, but one has %s',
                       v_max_length, greatest(v_longest, length(p_params ->> 'task'))),
      hint = 'Shorten it, or have an administrator raise max_input_length in steadytext_settings.';
  end if;
end
$$;

revoke all on function @privschema@.check_rerank_params from public;
comment on function @privschema@.check_rerank_params is
  'Raises when documents or options of a rerank request are wrong.';
