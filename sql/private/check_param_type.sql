-- An option that is there must have its type; one that is not there is none of this function's business.
create or replace function @privschema@.check_param_type(p_params jsonb, p_name text, p_type text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_params -> p_name) <> p_type then
    perform @privschema@.raise_option(p_name, 'of type ' || p_type, (p_params -> p_name)::text,
      'Correct its type in params.');
  end if;
end
$$;

revoke all on function @privschema@.check_param_type from public;
comment on function @privschema@.check_param_type is 'Raises ST004 when an option has another JSON type.';
