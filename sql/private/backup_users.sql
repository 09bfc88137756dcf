-- Users as a backup has them: under the names that their roles have now, and with whether they are a role's at all. Of several of
-- one name one is: whoever is bound here, else the latest, as steadytext_rebind_users has it. A row whose role was dropped is nobody's.
create or replace function @privschema@.backup_users()
returns table (user_id int, role_name text, role_oid oid, binding_mark bigint, weight real, created_at timestamptz, has_role boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select n.user_id, n.role_name, n.role_oid, n.binding_mark, n.weight, n.created_at,
         n.may_have_role and row_number() over (
           partition by n.role_name order by n.may_have_role desc, n.is_here desc, n.is_bound desc, n.user_id desc) = 1
  from (
    select u.user_id, coalesce(r.rolname::text, u.role_name) as role_name, u.role_oid, u.binding_mark, u.weight, u.created_at,
           r.oid is not null as is_here, u.binding_mark = m.mark as is_bound,
           u.role_oid is not null and (r.oid is not null or u.binding_mark <> m.mark) as may_have_role
    from (select @privschema@.binding_mark() as mark) m
    cross join @extschema@.steadytext_users u
    left join pg_roles r on r.oid = u.role_oid and (u.binding_mark = m.mark or r.rolname = u.role_name)) n
  order by n.user_id
$$;

revoke all on function @privschema@.backup_users from public;
comment on function @privschema@.backup_users is 'Users with the names of their roles, and whether they are a role''s.';
