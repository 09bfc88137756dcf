-- Users of a backup, by the names of their roles, since numbers and oids are others' here. Gives the number here of each number there.
-- A weight is taken over where the one here is what everybody has, or where all that was set is to be replaced. Nobody's rows stay nobody's.
-- One restore at a time.
create or replace function @privschema@.restore_users(
  p_rows jsonb, p_replaces boolean, p_keeps_missing boolean, out user_ids jsonb, out restored int)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_mark bigint := @privschema@.binding_mark();
  v_user record;
  v_id int;
  v_there text[] := '{}'::text[];
  v_here text[] := '{}'::text[];
begin
  lock table @extschema@.steadytext_users in share row exclusive mode;
  restored := 0;
  if not p_keeps_missing then
    perform @privschema@.refuse_missing_roles(p_rows);
  end if;
  for v_user in
    select u.*, to_regrole(quote_ident(u.role_name))::oid as here,
           case when u.binding_mark = v_mark then 0 else u.binding_mark end as mark
    from jsonb_to_recordset(p_rows) as u (user_id int, role_name text, role_oid oid, binding_mark bigint, weight real,
      created_at timestamptz, has_role boolean)
  loop
    select case
      when not v_user.has_role then (
        select max(u.user_id) from @extschema@.steadytext_users u
        where u.role_name = v_user.role_name and u.created_at = v_user.created_at
          and (u.role_oid is null or u.user_id = v_user.user_id))
      when v_user.here is not null then @extschema@.steadytext_user_id(v_user.role_name)
      else (
        select u.user_id from @extschema@.steadytext_users u where u.role_oid = v_user.role_oid and u.binding_mark = v_user.mark)
    end into v_id;
    if v_id is null then
      insert into @extschema@.steadytext_users (role_name, role_oid, binding_mark, weight, created_at)
      values (v_user.role_name,
        case when v_user.has_role then coalesce(v_user.here, v_user.role_oid) end,
        case when v_user.has_role and v_user.here is null then v_user.mark else v_mark end,
        v_user.weight, case when v_user.has_role then now() else v_user.created_at end)
      returning user_id into v_id;
      restored := restored + 1;
    elsif v_user.has_role then
      update @extschema@.steadytext_users u set weight = v_user.weight
      where u.user_id = v_id and u.weight <> v_user.weight and (p_replaces or u.weight = 1);
    end if;
    v_there := v_there || v_user.user_id::text;
    v_here := v_here || v_id::text;
  end loop;
  user_ids := jsonb_object(v_there, v_here);
end
$$;

revoke all on function @privschema@.restore_users from public;
comment on function @privschema@.restore_users is 'Restores users by the names of their roles; gives their numbers here.';
