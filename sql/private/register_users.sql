-- Gives every role that may enqueue its row ahead of its first request, which then inserts nothing that its other
-- sessions could wait for. Roles that cannot log in are among them: a gateway asks as them by SET ROLE. Called by each
-- heartbeat, so it waits for nobody: what a user's open transaction is just doing is left to the next time.
-- A restored row is taken over where oid and name are the role's (after pg_upgrade), and else left as it is: its name is all
-- that steadytext_rebind_users can find its role by.
create or replace function @privschema@.register_users()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '10ms'
as $$
declare
  v_writer oid := to_regrole('@roleprefix@steadytext_writer');
  v_mark bigint := @privschema@.binding_mark();
  v_role record;
begin
  begin
    perform @privschema@.unbind_gone_users();
  exception when lock_not_available then
    null;
  end;
  for v_role in
    with recursive members (oid) as (
      select m.member from pg_auth_members m where m.roleid = v_writer
      union
      select m.member from pg_auth_members m join members o on m.roleid = o.oid
    )
    select r.oid, r.rolname::text as name,
           (select max(f.user_id) from @extschema@.steadytext_users f
            where u.user_id is null and f.role_oid = r.oid and f.role_name = r.rolname::text) as restored_id
    from members o
    join pg_roles r on r.oid = o.oid
    left join @extschema@.steadytext_users u on u.role_oid = r.oid and u.binding_mark = v_mark
    where u.role_name is distinct from r.rolname::text and r.rolname <> '@roleprefix@steadytext_admin'
  loop
    begin
      if v_role.restored_id is not null then
        update @extschema@.steadytext_users u set binding_mark = v_mark where u.user_id = v_role.restored_id;
      else
        insert into @extschema@.steadytext_users as u (role_name, role_oid) values (v_role.name, v_role.oid)
        on conflict on constraint users_role_unique do update set role_name = excluded.role_name;
      end if;
    exception when lock_not_available or unique_violation then
      null;
    end;
  end loop;
end
$$;

revoke all on function @privschema@.register_users from public;
comment on function @privschema@.register_users is 'Makes the rows of all roles that may enqueue.';
