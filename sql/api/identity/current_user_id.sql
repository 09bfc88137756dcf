-- The asking role's number in steadytext_users, null before it has one. Never writes, and no plain SET changes what it
-- gives: only SET ROLE does, to a role one is a member of. VOLATILE all the same: a role's first direct insert may make
-- its row in a trigger, and the policies on that very insert have to see it, which a stable function would not.
-- Of this cluster's rows the oid decides, so that a renamed role keeps its requests. In one that came with a restore the oid
-- may be another role's here: the name must agree, as it does after pg_upgrade, and a row of this cluster goes first.
-- In PL/pgSQL, which keeps its plan: 21 µs a call, against 100 for less in SQL.
create or replace function @extschema@.current_user_id()
returns int
language plpgsql volatile parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text := @privschema@.request_login();
  v_cluster bigint := @privschema@.cluster_identifier();
begin
  return (
    select u.user_id
    from @extschema@.steadytext_users u
    where u.role_oid = to_regrole(quote_ident(v_name)) and (u.system_identifier = v_cluster or u.role_name = v_name)
    order by u.system_identifier = v_cluster desc, u.user_id desc
    limit 1);
end
$$;

revoke all on function @extschema@.current_user_id from public;
comment on function @extschema@.current_user_id is 'Your number in steadytext_users; null while you have none.';
