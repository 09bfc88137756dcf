-- The asking login's number, with a row made by its first enqueue. Where the row exists nothing is locked; two first
-- enqueues of one login at the same time wait for each other, once.
create or replace function @privschema@.ensure_user_id()
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_login text := @privschema@.request_login();
  v_user_id int;
begin
  select u.user_id into v_user_id from @extschema@.steadytext_users u where u.role_name = v_login;
  if found then
    return v_user_id;
  end if;
  -- A role renamed or dropped under an open session leaves its old name behind in the setting.
  if to_regrole(quote_ident(v_login)) is null then
    raise exception using errcode = 'ST010',
      message = format('The login should be a role of this server, but "%s" is none any more', v_login),
      hint = 'Connect again, or SET ROLE to a role that exists.';
  end if;
  insert into @extschema@.steadytext_users as u (role_name) values (v_login)
  on conflict (role_name) do nothing
  returning u.user_id into v_user_id;
  if not found then
    select u.user_id into v_user_id from @extschema@.steadytext_users u where u.role_name = v_login;
  end if;
  return v_user_id;
end
$$;

revoke all on function @privschema@.ensure_user_id from public;
comment on function @privschema@.ensure_user_id is 'Number of the asking login; makes its row at its first enqueue.';
