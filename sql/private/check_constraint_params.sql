-- What the answer of a generation is to satisfy, where that is asked for (check_generate_params): a schema, a pattern or choices.
create or replace function @privschema@.check_constraint_params(p_params jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_given text[] := array(select c.name from unnest(array['schema', 'pattern', 'choices']) as c (name) where p_params ? c.name);
  v_beside text[] := array(
    select o.name from unnest(array['eos_string', 'stop', 'min_tokens']) as o (name)
    where p_params -> o.name not in ('"[EOS]"', '[]', '0'));
begin
  if cardinality(v_given) > 1 then
    perform @privschema@.raise_option('params', 'with one of schema, pattern and choices', array_to_string(v_given, ', '),
      'An answer has one form.');
  elsif cardinality(v_beside) > 0 then
    perform @privschema@.raise_option(v_beside[1], 'left out beside ' || v_given[1], (p_params -> v_beside[1])::text,
      'The answer ends where its form is whole; give least lengths in the form itself.');
  end if;
  case v_given[1]
    when 'schema' then
      perform @privschema@.check_schema(p_params -> 'schema');
    when 'choices' then
      perform @privschema@.check_choices(p_params -> 'choices');
    else
      perform @privschema@.check_param_type(p_params, 'pattern', 'string');
      if btrim(p_params ->> 'pattern', @privschema@.blank_characters()) = '' then
        raise exception 'Pattern cannot be empty'
          using hint = 'Pass a regular expression that the whole answer is to match.';
      elsif length(p_params ->> 'pattern') > 4096 then
        perform @privschema@.raise_option('pattern', 'at most 4096 characters',
          format('one of %s', length(p_params ->> 'pattern')), 'Use a simpler one.');
      end if;
  end case;
end
$$;

revoke all on function @privschema@.check_constraint_params from public;
comment on function @privschema@.check_constraint_params is
  'Raises when the schema, pattern or choices of a generation are wrong.';
