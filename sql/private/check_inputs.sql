-- The one input every request has (prompt, text or query, as its caller knows it): there, not blank, not too long. The
-- first of a call that is otherwise is told of, and inputs that are more than a list.
create or replace function @privschema@.check_inputs(p_request_type text, p_inputs text[], p_most int)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blanks text := @privschema@.blank_characters();
  v_name text := case p_request_type
    when 'generate' then 'Prompt' when 'rerank' then 'Query' when 'deduplicate_facts' then 'Facts array' else 'Text' end;
  v_wrong record;
  v_message text;
begin
  if array_ndims(p_inputs) > 1 then
    perform @privschema@.raise_option(
      case p_request_type when 'generate' then 'prompts' when 'rerank' then 'queries' else 'texts' end,
      'an array of one dimension', 'an array of arrays', 'Each text is a request: pass them as one list.');
  end if;
  -- An expression, which takes no statement: most calls have one input, and nothing is wrong with it.
  if cardinality(p_inputs) = 1 and btrim(p_inputs[array_lower(p_inputs, 1)], v_blanks) <> ''
    and length(p_inputs[array_lower(p_inputs, 1)]) <= p_most then
    if p_request_type = 'deduplicate_facts' then
      perform @privschema@.check_facts(p_inputs[array_lower(p_inputs, 1)]);
    end if;
    return;
  end if;
  select i.input into v_wrong
  from unnest(p_inputs) with ordinality as i (input, position)
  where i.input is null or btrim(i.input, v_blanks) = '' or length(i.input) > p_most
  order by i.position
  limit 1;
  if not found then
    return;
  elsif v_wrong.input is null then
    raise exception '% cannot be null', v_name using hint = 'Pass some text.';
  elsif btrim(v_wrong.input, v_blanks) = '' then
    raise exception '% cannot be empty', v_name using hint = 'Pass some text that is more than white space.';
  end if;
  v_message := format('%s should have at most %s characters, but has %s', v_name, p_most, length(v_wrong.input));
  perform @privschema@.note_refusal('steadytext_' || p_request_type, v_message);
  raise exception using errcode = 'ST009', message = v_message,
    hint = 'Shorten it, or have an administrator raise max_input_length in steadytext_settings.';
end
$$;

revoke all on function @privschema@.check_inputs from public;
comment on function @privschema@.check_inputs is
  'Raises for inputs of more than one dimension, and for the first that is null, blank or too long.';
