-- After a restore into another cluster: binds users to the roles of their names again. Of several rows of one name
-- (a role dropped and made again, or one that was registered before this call) the latest that has requests is the
-- role's; the others are nobody's.
create or replace function @extschema@.steadytext_rebind_users()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bound int;
  v_at timestamptz := clock_timestamp();
  v_user_id int;
  v_parameters jsonb;
begin
  lock table @extschema@.steadytext_users in share row exclusive mode;
  update @extschema@.steadytext_users u set role_oid = null;
  with asked as (
    select q.user_id from @extschema@.steadytext_queue q
    union
    select l.user_id from @extschema@.steadytext_request_log l
  ), latest as (
    select distinct on (u.role_name) u.user_id, to_regrole(quote_ident(u.role_name)) as role_oid
    from @extschema@.steadytext_users u
    left join asked a on a.user_id = u.user_id
    order by u.role_name, a.user_id is null, u.user_id desc
  )
  update @extschema@.steadytext_users u
  set role_oid = l.role_oid, writer_oid = to_regrole('@roleprefix@steadytext_writer')
  from latest l
  where u.user_id = l.user_id and l.role_oid is not null;
  get diagnostics v_bound = row_count;
  v_user_id := @extschema@.current_user_id();
  v_parameters := jsonb_build_object('bound', v_bound, 'asked_by', @privschema@.request_login());
  insert into @extschema@.steadytext_audit_log
    ("timestamp", user_id, event_type, function_name, parameters, ip_address, success, xid, digest)
  values (v_at, v_user_id, 'users_rebound', 'steadytext_rebind_users', v_parameters, inet_client_addr(), true,
    pg_current_xact_id(),
    @privschema@.audit_digest(v_at, v_user_id, 'users_rebound', 'steadytext_rebind_users', null, v_parameters, null,
      null, inet_client_addr(), true, null, pg_current_xact_id()));
  return v_bound;
end
$$;

revoke all on function @extschema@.steadytext_rebind_users from public;
comment on function @extschema@.steadytext_rebind_users is
  'Binds users to the roles of their names, after a restore into another cluster; gives how many.';
