-- A row for a role that has none and may enqueue. A transaction that has just done the same and is still open would be
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
  -- Functions and table may be granted to a role that is not a member; superusers are members of everything.
  if not pg_has_role(v_role_oid, '@roleprefix@steadytext_writer', 'member')
    and not pg_has_role(v_role_oid, '@roleprefix@steadytext_owner', 'member') then
    raise exception using errcode = 'ST010',
      message = format('The role "%s" should be a member of @roleprefix@steadytext_writer to have requests, but is not',
                       p_role_name),
      hint = 'An administrator grants it that role.';
  end if;
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
