-- Binds users that an administrator inserts by name, whatever else came: columns that are not granted can be written by the
-- defaults of a view.
create or replace trigger users_fill_role_oid
  before insert on @extschema@.steadytext_users
  for each row when (new.role_oid is null or not pg_has_role('@roleprefix@steadytext_owner', 'usage'))
  execute function @privschema@.fill_role_oid();
