-- The login that is really asking, readable inside functions of the owner too: there current_user is the owner, and
-- behind a gateway such as PostgREST session_user is the gateway's. The target of SET ROLE stays, and only a member
-- can set it.
create or replace function @privschema@.request_login()
returns text
language sql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
  select case when current_setting('role') = 'none' then session_user::text else current_setting('role') end
$$;

revoke all on function @privschema@.request_login from public;
comment on function @privschema@.request_login is 'Name of the asking role: the target of SET ROLE, else the login.';
