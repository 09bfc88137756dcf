-- The number of a role in steadytext_users, null while it has none. Of the rows bound here the oid decides, so that a renamed
-- role keeps its requests. In one that came with a restore the oid may be another role's here: the name must agree, as it does
-- after pg_upgrade, and a row bound here goes first. VOLATILE: a role's first direct insert may make its row in a trigger, and
-- the policies on that very insert have to see it, which a stable function would not.
create or replace function @extschema@.steadytext_user_id(role_name text)
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_name text := steadytext_user_id.role_name;
  v_oid oid := to_regrole(quote_ident(v_name));
  v_user_id int;
  v_mark bigint;
begin
  -- Nearly always there is one row of this oid, under the role's own name: that is it, wherever it was bound. The mark is read
  -- for the others alone, since the server reads a file for it.
  select case when count(*) = 1 and bool_and(u.role_name = v_name) then min(u.user_id) end into v_user_id
  from @extschema@.steadytext_users u where u.role_oid = v_oid;
  if v_user_id is not null then
    return v_user_id;
  end if;
  v_mark := @privschema@.binding_mark();
  return (
    select u.user_id
    from @extschema@.steadytext_users u
    where u.role_oid = v_oid and (u.binding_mark = v_mark or u.role_name = v_name)
    order by u.binding_mark = v_mark desc, u.user_id desc
    limit 1);
end
$$;

revoke all on function @extschema@.steadytext_user_id from public;
comment on function @extschema@.steadytext_user_id is 'Number of a role in steadytext_users; null while it has none.';
