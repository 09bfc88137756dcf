-- Binds users that an administrator inserts by name.
create or replace trigger users_fill_role_oid
  before insert on @extschema@.steadytext_users
  for each row when (new.role_oid is null)
  execute function @privschema@.fill_role_oid();
