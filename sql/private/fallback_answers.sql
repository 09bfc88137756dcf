-- What a synchronous generation comes to where the side channel is missing or does not open, and enable_fallback says that words of
-- no model are better than an error. Null otherwise: of structured texts, vectors and rankings nothing would be true. It is always told.
create or replace function @privschema@.fallback_answers(
  p_state text, p_message text, p_call text, p_inputs text[], p_options jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_state not in ('ST012', 'ST013') or p_call <> 'generate' or not @privschema@.setting('enable_fallback')::boolean
    or jsonb_strip_nulls(p_options) ?| array['schema', 'pattern', 'choices']
  then
    return null;
  end if;
  perform @privschema@.check_inputs('generate', p_inputs, @privschema@.setting('max_input_length')::int);
  raise warning 'No model made this text, since enable_fallback is on: %', p_message;
  return jsonb_build_array(jsonb_build_object('result', @privschema@.fallback_text(p_inputs[1],
    least(coalesce((p_options ->> 'max_tokens')::int, 512), @privschema@.setting('max_tokens_limit')::int))));
exception when others then
  -- The input is wrong: that the side channel is missing is said first.
  return null;
end
$$;

revoke all on function @privschema@.fallback_answers from public;
comment on function @privschema@.fallback_answers is 'Words in place of an answer, where that is wanted, or null.';
