-- The asking role's name as the only key of an object, found while a statement is planned, as planned_user_mask is and for its reasons:
-- said to be IMMUTABLE, it is a constant of the plan, and looking a column up in it costs the planner nothing, so that it comes
-- first. Where a role has no number yet policies ask it of the name that a row was asked or made by, and of rows of that name alone
-- the number: of no row of others anything is executed or not.
create or replace function @extschema@.planned_role_mask()
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(current_user, true);
end
$$;

revoke all on function @extschema@.planned_role_mask from public;
comment on function @extschema@.planned_role_mask is
  'The name of the role that a statement is planned for as the one key of an object: a constant of the plan, for policies.';
