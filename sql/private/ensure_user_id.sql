-- A role's number. Nearly always there already, since workers register roles ahead of their first request; a role that no
-- worker has met yet gets its row here. Functions, view and table may have been granted to a role by hand, and auditors hand on
-- calls too: members of the writer enqueue, and nobody else.
create or replace function @privschema@.ensure_user_id(p_role_name text)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role_oid oid := to_regrole(quote_ident(p_role_name));
begin
  if not pg_has_role(v_role_oid, '@roleprefix@steadytext_writer', 'member')
    and not pg_has_role(v_role_oid, '@roleprefix@steadytext_owner', 'member') then
    raise exception using errcode = 'ST010',
      message = format('The role "%s" should be a member of @roleprefix@steadytext_writer to have requests, but is not',
                       p_role_name),
      hint = 'An administrator grants it that role.';
  end if;
  return coalesce(@extschema@.steadytext_user_id(p_role_name), @privschema@.add_user(p_role_name));
end
$$;

revoke all on function @privschema@.ensure_user_id from public;
comment on function @privschema@.ensure_user_id is 'Number of a role, with a row made when it has none.';
