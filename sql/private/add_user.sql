-- A row for a role that has none. A transaction that has just done the same and is still open would be
-- waited for until it ends, whatever else it does meanwhile: so only for a moment.
create or replace function @privschema@.add_user(p_role_name text)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_role_oid oid := to_regrole(quote_ident(p_role_name));
begin
  insert into @extschema@.steadytext_users (role_name, role_oid) values (p_role_name, v_role_oid)
  on conflict on constraint users_role_unique do nothing;
  return @extschema@.steadytext_user_id(p_role_name);
exception when lock_not_available then
  raise exception using errcode = 'ST010',
    message = format('The role "%s" should be known before its first request, but another transaction, which is '
                     'still open, is making it known', p_role_name),
    hint = 'COMMIT that transaction and repeat this, or wait some seconds for a running worker to register the role.';
end
$$;

revoke all on function @privschema@.add_user from public;
comment on function @privschema@.add_user is 'Makes the row of a role; gives its number.';
