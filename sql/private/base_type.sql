-- The type that a domain is of, through domains of domains; any other type itself. What is assigned to a column of the domain
-- has to pass its checks; a cast to the domain would cut a text that is too long for it.
create or replace function @privschema@.base_type(p_type oid)
returns oid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type oid := p_type;
  v_base oid;
begin
  loop
    select t.typbasetype into v_base from pg_type t where t.oid = v_type and t.typtype = 'd';
    exit when not found;
    v_type := v_base;
  end loop;
  return v_type;
end
$$;

revoke all on function @privschema@.base_type from public;
comment on function @privschema@.base_type is 'Type of a domain, or the type itself.';
