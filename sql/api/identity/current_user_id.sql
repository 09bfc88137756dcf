-- The asking role's number in steadytext_users, null before it has one. Never writes, and no plain SET changes what it
-- gives: only SET ROLE does, to a role one is a member of.
create or replace function @extschema@.current_user_id()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return @privschema@.user_id_of(@privschema@.request_login());
end
$$;

revoke all on function @extschema@.current_user_id from public;
comment on function @extschema@.current_user_id is 'Your number in steadytext_users; null while you have none.';
