-- Gives every role that may enqueue its row ahead of its first request, which then inserts nothing that its other
-- sessions could wait for. Roles that cannot log in are among them: a gateway asks as them by SET ROLE. Called by each
-- heartbeat, so it waits for nobody: what a user's open transaction is just doing is left to the next time.
create or replace function @privschema@.register_users()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '10ms'
as $$
declare
  v_writer oid := to_regrole('@roleprefix@steadytext_writer');
  v_role record;
begin
  for v_role in
    with recursive members (oid) as (
      select m.member from pg_auth_members m where m.roleid = v_writer
      union
      select m.member from pg_auth_members m join members o on m.roleid = o.oid
    )
    select r.oid, r.rolname::text as name, u.user_id
    from members o
    join pg_roles r on r.oid = o.oid
    left join @extschema@.steadytext_users u on u.role_oid = r.oid and u.writer_oid = v_writer
    where u.role_name is distinct from r.rolname::text and r.rolname <> '@roleprefix@steadytext_admin'
  loop
    begin
      insert into @extschema@.steadytext_users as u (role_name, role_oid) values (v_role.name, v_role.oid)
      on conflict on constraint users_role_unique do update set role_name = excluded.role_name;
    exception when lock_not_available then
      null;
    end;
  end loop;
end
$$;

revoke all on function @privschema@.register_users from public;
comment on function @privschema@.register_users is 'Makes the rows of all roles that may enqueue.';
