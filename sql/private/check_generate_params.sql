-- The options of a generation.
create or replace function @privschema@.check_generate_params(p_params jsonb)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_limit int := @privschema@.setting('max_tokens_limit')::int;
begin
  perform @privschema@.check_integer_param(p_params, 'max_tokens', 1, v_limit,
    format('max_tokens must be between 1 and %s', v_limit));
  -- jsonb has no numbers for these, so the functions' real comes as a text; its caller did pass a number, out of range.
  if p_params ->> 'temperature' not in ('NaN', 'Infinity', '-Infinity') then
    perform @privschema@.check_param_type(p_params, 'temperature', 'number');
  end if;
  if (p_params ->> 'temperature')::numeric not between 0 and 2 then
    perform @privschema@.raise_option('temperature', 'between 0 and 2', p_params ->> 'temperature',
      '0 always gives the same text; 0.7 is usual where texts should vary.');
  end if;
  perform @privschema@.check_param_type(p_params, 'eos_string', 'string');
  if length(p_params ->> 'eos_string') not between 1 and 100 then
    perform @privschema@.raise_option('eos_string', '1 to 100 characters', to_json(p_params ->> 'eos_string')::text,
      'Leave it out for the model''s own end of turn.');
  end if;
  -- Nearly every generation has none of these, and looking for each takes longer than everything above.
  if p_params ?| array['top_k', 'top_p', 'min_tokens', 'stop'] then
    perform @privschema@.check_sampling_params(p_params);
  end if;
  if p_params ?| array['schema', 'pattern', 'choices'] then
    perform @privschema@.check_constraint_params(p_params);
  end if;
end
$$;

revoke all on function @privschema@.check_generate_params from public;
comment on function @privschema@.check_generate_params is 'Raises when an option of a generation is out of range.';
