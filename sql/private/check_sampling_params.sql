-- Options of a generation that no function has an argument for: they come with a direct insert's params.
create or replace function @privschema@.check_sampling_params(p_params jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stop jsonb := p_params -> 'stop';
begin
  perform @privschema@.check_integer_param(p_params, 'top_k', 0, 1000000, 'top_k must be between 0 and 1000000');
  perform @privschema@.check_param_type(p_params, 'top_p', 'number');
  if (p_params ->> 'top_p')::numeric <= 0 or (p_params ->> 'top_p')::numeric > 1 then
    perform @privschema@.raise_option('top_p', 'above 0 and at most 1', p_params ->> 'top_p',
      '1 leaves all tokens; 0.9 is usual where texts should vary.');
  end if;
  perform @privschema@.check_integer_param(p_params, 'min_tokens', 0, (p_params ->> 'max_tokens')::bigint,
    format('min_tokens must be between 0 and max_tokens (%s)', p_params ->> 'max_tokens'));
  if v_stop is null then
    return;
  end if;
  perform @privschema@.check_param_type(p_params, 'stop', 'array');
  if jsonb_array_length(v_stop) > 16
     or exists (select from jsonb_array_elements(v_stop) as s (stop)
                where jsonb_typeof(s.stop) <> 'string' or length(s.stop #>> '{}') not between 1 and 100) then
    perform @privschema@.raise_option('stop', 'an array of at most 16 texts of 1 to 100 characters',
      format('%s elements', jsonb_array_length(v_stop)), 'The answer ends before the first of them that appears.');
  end if;
end
$$;

revoke all on function @privschema@.check_sampling_params from public;
comment on function @privschema@.check_sampling_params is
  'Raises when an option of how tokens are picked is out of range.';
