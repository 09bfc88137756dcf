-- A role's number. Nearly always there already, since workers register roles ahead of their first request; a role that no
-- worker has met yet gets its row here.
create or replace function @privschema@.ensure_user_id(p_role_name text)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(@extschema@.steadytext_user_id(p_role_name), @privschema@.add_user(p_role_name));
end
$$;

revoke all on function @privschema@.ensure_user_id from public;
comment on function @privschema@.ensure_user_id is 'Number of a role, with a row made when it has none.';
