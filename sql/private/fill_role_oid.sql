-- A user's row made by hand names a role; the row is bound to the role that has this name now.
create or replace function @privschema@.fill_role_oid()
returns trigger
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  new.role_oid := to_regrole(quote_ident(new.role_name));
  return new;
end
$$;

revoke all on function @privschema@.fill_role_oid from public;
comment on function @privschema@.fill_role_oid is 'Trigger: binds a new user to the role of its name.';
