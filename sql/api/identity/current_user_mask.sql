-- The asking role's number as the only index of an array that holds true: null wherever else one looks. Policies ask it of each
-- row before anything else is asked. A comparison with current_user_id would not do: the planner puts what a login asks in
-- front of a policy where that costs less and is leakproof, as `is null` and `x >= any (array['…'])` do and are, and EXPLAIN
-- then shows by what was never executed whether a row of others was like that. Looking into an array costs nothing to the
-- planner, and of what costs the same the policy goes first.
create or replace function @extschema@.current_user_mask()
returns boolean[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user_id int := @extschema@.current_user_id();
begin
  return case when v_user_id is not null then array_fill(true, array[1], array[v_user_id]) end;
end
$$;

revoke all on function @extschema@.current_user_mask from public;
comment on function @extschema@.current_user_mask is
  'Your number in steadytext_users as the one index at which there is true; null while you have none.';
