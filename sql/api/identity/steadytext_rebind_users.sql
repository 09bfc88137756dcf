-- After a restore: binds the users that came with it to the roles of their names. Of several of one
-- name the one counts that was bound when the dump was made, which is the latest whose role was there still. A role that
-- has asked here already keeps the row it did that with; an empty one, as heartbeats make, gives way. What belongs to a
-- role here is never touched: a role dropped and made again under its name gets nothing by this call.
create or replace function @extschema@.steadytext_rebind_users()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_mark bigint := @privschema@.binding_mark();
  v_user_ids int[];
  v_role_oids oid[];
begin
  lock table @extschema@.steadytext_users in share row exclusive mode;
  with asked as (
    select q.user_id from @extschema@.steadytext_queue q
    union
    select l.user_id from @extschema@.steadytext_request_log l
    union
    select p.user_id from @extschema@.steadytext_prompts p
  ), restored as (
    select distinct on (u.role_name) u.user_id, to_regrole(quote_ident(u.role_name))::oid as role_oid
    from @extschema@.steadytext_users u
    where u.binding_mark <> v_mark and u.role_oid is not null
    order by u.role_name, u.user_id desc
  )
  select array_agg(r.user_id), array_agg(r.role_oid) into v_user_ids, v_role_oids
  from restored r
  where r.role_oid is not null and not exists (
    select from @extschema@.steadytext_users u join asked a on a.user_id = u.user_id
    where u.role_oid = r.role_oid and u.binding_mark = v_mark);

  update @extschema@.steadytext_users u set role_oid = null
  where u.user_id <> all (v_user_ids) and case when u.binding_mark = v_mark then u.role_oid
    else to_regrole(quote_ident(u.role_name)) end = any (v_role_oids);
  update @extschema@.steadytext_users u
  set role_oid = b.role_oid, binding_mark = v_mark
  from unnest(v_user_ids, v_role_oids) as b (user_id, role_oid)
  where u.user_id = b.user_id;

  perform @privschema@.log_action(@privschema@.login_name(), 'users_rebound', 'steadytext_rebind_users', null,
    jsonb_build_object('bound', coalesce(cardinality(v_user_ids), 0)));
  return coalesce(cardinality(v_user_ids), 0);
end
$$;

revoke all on function @extschema@.steadytext_rebind_users from public;
comment on function @extschema@.steadytext_rebind_users is
  'Binds users to the roles of their names, after a restore; gives how many.';
