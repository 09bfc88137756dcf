-- The asking role's number. Nearly always there already, since workers register roles ahead of their first request;
-- a role that no worker has met yet gets its row here.
create or replace function @privschema@.ensure_user_id()
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(@extschema@.current_user_id(), @privschema@.add_user(@privschema@.request_login()));
end
$$;

revoke all on function @privschema@.ensure_user_id from public;
comment on function @privschema@.ensure_user_id is 'Number of the asking role, with a row made when it has none.';
