-- What a message calls the type of a value.
create or replace function @privschema@.type_name(p_value jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case coalesce(jsonb_typeof(p_value), 'undefined') when 'undefined' then 'what is undefined' when 'null' then 'none'
    when 'boolean' then 'a boolean' when 'number' then 'a number' when 'string' then 'a text' when 'array' then 'a list'
    else 'an object' end;
end
$$;

revoke all on function @privschema@.type_name from public;
comment on function @privschema@.type_name is 'What a message calls the type of a value.';
