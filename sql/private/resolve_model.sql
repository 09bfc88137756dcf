-- The model a request will run on: the one named, if it is of the right kind, else the default of that kind.
create or replace function @privschema@.resolve_model(p_request_type text, p_model text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind text := @privschema@.model_kind_of(p_request_type);
  v_model text;
  v_found text;
  v_known text;
begin
  select m.name, m.kind into v_model, v_found
  from @extschema@.steadytext_models m
  where case when p_model is null then m.is_default and m.kind = v_kind else m.name = p_model end;
  if found and v_found = v_kind then
    return v_model;
  end if;
  select string_agg(m.name, ', ' order by m.name) into v_known
  from @extschema@.steadytext_models m where m.kind = v_kind;
  raise exception using errcode = 'ST003',
    message = case
      when p_model is null then format('Model should be named, since there is no default %s model', v_kind)
      when v_found is null then format('Model should be one that is registered, but "%s" is not', p_model)
      else format('Model for a request of type %s should be of kind %s, but "%s" is of kind %s',
                  p_request_type, v_kind, p_model, v_found)
    end,
    hint = format('Models of this kind: %s. A worker registers the models it serves.', coalesce(v_known, 'none yet'));
end
$$;

revoke all on function @privschema@.resolve_model from public;
comment on function @privschema@.resolve_model is 'Name of the model a request will run on; ST003 if there is none.';
