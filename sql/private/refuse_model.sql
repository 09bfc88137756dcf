-- Why there is no model for a request (enqueue_facts looks for one): ST003.
create or replace function @privschema@.refuse_model(p_request_type text, p_model text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds text[] := @privschema@.model_kinds_of(p_request_type);
  v_found text := (select m.kind from @extschema@.steadytext_models m where m.name = p_model);
  v_known text;
begin
  if v_found = any (v_kinds) then
    raise exception 'Model "%" was registered just now', p_model using errcode = '40001', hint = 'Repeat the call.';
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

revoke all on function @privschema@.refuse_model from public;
comment on function @privschema@.refuse_model is 'Raises ST003 for a request for which there is no model.';
