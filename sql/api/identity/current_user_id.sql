-- The asking role's number in steadytext_users, null before it has one. Who asks is whoever's statement it is: the login, the
-- target of its SET ROLE, and in a SECURITY DEFINER function the owner of that function, as for all that PostgreSQL itself
-- decides by. So not SECURITY DEFINER, which would ask for us. Never writes; no plain SET changes what it gives.
create or replace function @extschema@.current_user_id()
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return @extschema@.steadytext_user_id(current_user);
end
$$;

revoke all on function @extschema@.current_user_id from public;
comment on function @extschema@.current_user_id is 'Your number in steadytext_users; null while you have none.';
