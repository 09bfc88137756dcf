-- Whether a role may see a user's rows, inside functions of the owner, whom no policy restrains. Says what the policies say:
-- one's own, and administrators all.
create or replace function @privschema@.may_see(p_role_name text, p_user_id int)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  -- Never null: a role without a row has no number to compare with, and `not null` would let it pass.
  select coalesce(p_user_id = @extschema@.steadytext_user_id(p_role_name), false) or @privschema@.is_admin(p_role_name)
$$;

revoke all on function @privschema@.may_see from public;
comment on function @privschema@.may_see is 'Whether a role may see rows of a user.';
