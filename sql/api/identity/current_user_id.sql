-- The asking login's number in steadytext_users, null before its first enqueue. Never writes, and no plain SET
-- changes what it gives: only SET ROLE does, to a role one is a member of.
create or replace function @extschema@.current_user_id()
returns int
language sql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
  select u.user_id from @extschema@.steadytext_users u where u.role_name = @privschema@.request_login()
$$;

revoke all on function @extschema@.current_user_id from public;
comment on function @extschema@.current_user_id is 'Your number in steadytext_users; null before your first request.';
