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
  -- A role renamed or dropped under an open session leaves its old name behind in the setting.
  if v_role_oid is null then
    raise exception using errcode = 'ST010',
      message = format('The target of SET ROLE should be a role that "%s" may set, but "%s" is none any more',
                       session_user, current_setting('role')),
      hint = 'Connect again, or SET ROLE to a role that exists.';
  end if;
  -- Who has no right to enqueue comes here by a SECURITY DEFINER function of somebody who has.
  if not pg_has_role(v_role_oid, '@roleprefix@steadytext_writer', 'member')
    and not pg_has_role(v_role_oid, '@roleprefix@steadytext_owner', 'member') then
    raise exception using errcode = 'ST010',
      message = format('The login "%s" should be a member of @roleprefix@steadytext_writer to have requests, but is not',
                       p_role_name),
      hint = 'An administrator grants it that role. Called in a SECURITY DEFINER function, the request is still of the '
        'login that asks, not of the function''s owner.';
  end if;
  insert into @extschema@.steadytext_users (role_name, role_oid) values (p_role_name, v_role_oid)
  on conflict on constraint users_role_unique do nothing;
  return @extschema@.current_user_id();
exception when lock_not_available then
  raise exception using errcode = 'ST010',
    message = format('The login "%s" should be known before its first request, but another transaction, which is '
                     'still open, is making it known', p_role_name),
    hint = 'COMMIT that transaction and repeat this, or wait some seconds for a running worker to register the login.';
end
$$;

revoke all on function @privschema@.add_user from public;
comment on function @privschema@.add_user is 'Makes the row of the asking role; gives its number.';
