-- Options of a generation that no function has an argument for: they come with a direct insert's params.
create or replace function @privschema@.check_sampling_params(p_params jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stop jsonb := p_params -> 'stop';
  v_top_k numeric;
  v_top_p numeric;
  v_min_tokens numeric;
  v_max_tokens numeric := (p_params ->> 'max_tokens')::numeric;
  v_wrong text;
begin
  perform @privschema@.check_param_type(p_params, 'top_k', 'number');
  v_top_k := (p_params ->> 'top_k')::numeric;
  if v_top_k not between 0 and 1000000 or v_top_k <> trunc(v_top_k) then
    perform @privschema@.raise_option('top_k', 'a whole number from 0 to 1000000', v_top_k::text,
      '0 leaves all tokens; 40 is usual where texts should vary.');
  end if;
  perform @privschema@.check_param_type(p_params, 'top_p', 'number');
  v_top_p := (p_params ->> 'top_p')::numeric;
  if v_top_p <= 0 or v_top_p > 1 then
    perform @privschema@.raise_option('top_p', 'above 0 and at most 1', v_top_p::text,
      '1 leaves all tokens; 0.9 is usual where texts should vary.');
  end if;
  perform @privschema@.check_param_type(p_params, 'min_tokens', 'number');
  v_min_tokens := (p_params ->> 'min_tokens')::numeric;
  if v_min_tokens not between 0 and v_max_tokens or v_min_tokens <> trunc(v_min_tokens) then
    perform @privschema@.raise_option('min_tokens', format('a whole number from 0 to max_tokens (%s)', v_max_tokens),
      v_min_tokens::text, 'Before so many tokens the model''s own end of turn does not come.');
  end if;
  if v_stop is null then
    return;
  end if;
  perform @privschema@.check_param_type(p_params, 'stop', 'array');
  if jsonb_array_length(v_stop) > 16 then
    v_wrong := format('one of %s', jsonb_array_length(v_stop));
  else
    select 'one with ' || case when jsonb_typeof(s.stop) = 'string' and s.stop <> '""'
                            then format('a text of %s', length(s.stop #>> '{}')) else s.stop::text end
    into v_wrong
    from jsonb_array_elements(v_stop) with ordinality as s (stop, position)
    where jsonb_typeof(s.stop) <> 'string' or length(s.stop #>> '{}') not between 1 and 100
    order by s.position
    limit 1;
  end if;
  if v_wrong is not null then
    perform @privschema@.raise_option('stop', 'an array of at most 16 texts of 1 to 100 characters', v_wrong,
      'The answer ends before the first of them that appears.');
  end if;
end
$$;

revoke all on function @privschema@.check_sampling_params from public;
comment on function @privschema@.check_sampling_params is
  'Raises when an option of how tokens are picked is out of range.';
