-- The role of the session, as the audit log has it for what only administrators may call: inside functions of the owner
-- current_user is the owner, and behind a gateway such as PostgREST session_user is the gateway's. The target of SET ROLE
-- stays, as the text it was set with: it counts only while the session could set it again, and else it is null. Never to be
-- asked for what somebody may do: code of other owners runs under this session too. No pinned search_path, so that it is
-- inlined; it runs under that of its callers.
create or replace function @privschema@.login_name()
returns text
language sql stable parallel restricted
as $$
  select case
    when current_setting('role') = 'none' then session_user::text
    -- Since 16 a member may be one that cannot SET ROLE.
    when pg_has_role(session_user, to_regrole(quote_ident(current_setting('role'))),
           case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end)
      then current_setting('role')
  end
$$;

revoke all on function @privschema@.login_name from public;
comment on function @privschema@.login_name is 'Name of the session''s role: the target of SET ROLE, else the login.';
