-- A user's row made by hand names a role; the row is bound to the role that has this name now. One of no role would stay
-- nobody's: a role made later gets a row of its own, with the weight of all.
create or replace function @privschema@.fill_role_oid()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  new.role_oid := to_regrole(quote_ident(new.role_name));
  new.binding_mark := @privschema@.binding_mark();
  if new.role_oid is null then
    raise exception using errcode = 'ST010',
      message = format('role_name should be a role of this server, but there is none called %s',
                       coalesce(to_json(left(new.role_name, 63))::text, 'null')),
      hint = 'Create the role first; a name is written here as pg_roles has it, upper and lower case included.';
  end if;
  return new;
end
$$;

revoke all on function @privschema@.fill_role_oid from public;
comment on function @privschema@.fill_role_oid is 'Trigger: binds a new user to the role of its name.';
