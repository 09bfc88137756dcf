-- The model a request will run on: the one named, if it is of a kind that runs it, else the default of the first of these kinds
-- that has one. Of a name that came no more is told than of any option (raise_option).
create or replace function @privschema@.resolve_model(p_request_type text, p_model text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds text[] := @privschema@.model_kinds_of(p_request_type);
  v_model text;
  v_found text;
  v_known text;
begin
  select m.name, m.kind into v_model, v_found
  from @extschema@.steadytext_models m
  where case when p_model is null then m.is_default and m.kind = any (v_kinds) else m.name = p_model end
  order by array_position(v_kinds, m.kind)
  limit 1;
  if found and v_found = any (v_kinds) then
    return v_model;
  end if;
  select string_agg(m.name, ', ' order by m.name) into v_known
  from @extschema@.steadytext_models m where m.kind = any (v_kinds);
  raise exception using errcode = 'ST003',
    message = case
      when p_model is null then format('Model should be named, since there is no default %s model',
        array_to_string(v_kinds, ' or '))
      when v_found is null then format('Model should be one that is registered, but "%s" is not', left(p_model, 100))
      else format('Model for a request of type %s should be of kind %s, but "%s" is of kind %s',
                  p_request_type, array_to_string(v_kinds, ' or '), p_model, v_found)
    end,
    hint = format('Models of %s: %s. A worker registers the models it serves.',
                  case cardinality(v_kinds) when 1 then 'this kind' else 'these kinds' end,
                  coalesce(v_known, 'none yet'));
end
$$;

revoke all on function @privschema@.resolve_model from public;
comment on function @privschema@.resolve_model is 'Name of the model a request will run on; ST003 if there is none.';
