-- Binds users that are inserted by name. An administrator's always, whatever else came: columns that are not granted can be
-- written by the defaults of a view. Of what comes with the owner's rights only rows made now: those that a dump brings say
-- when they were made, and a user without a role among them lost it, so that a role of that name is somebody else.
create or replace trigger users_fill_role_oid
  before insert on @extschema@.steadytext_users
  for each row when (not pg_has_role('@roleprefix@steadytext_owner', 'usage')
                     or (new.role_oid is null and new.created_at = now()))
  execute function @privschema@.fill_role_oid();
