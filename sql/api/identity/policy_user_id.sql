-- Whose rows a policy shows: current_user_id() for policies, which know by current_user who runs the query. Where that is the
-- session's role itself, it asks, also in a REFRESH MATERIALIZED VIEW of its own. Where it is another one, a function of that
-- role runs: called by the session's role, whose rows it gets, or by a maintenance command, and then this raises. Whatever
-- name a caller makes up, it learns no number but the session's.
create or replace function @extschema@.policy_user_id(p_current_user name)
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_login text := @privschema@.login_name();
begin
  if p_current_user is distinct from v_login::name then
    v_login := @privschema@.request_login();
  end if;
  return @privschema@.user_id_of(v_login);
end
$$;

revoke all on function @extschema@.policy_user_id from public;
comment on function @extschema@.policy_user_id is 'For policies: the number of the role whose rows current_user may see.';
