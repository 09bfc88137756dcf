-- The same mask, but found while a statement is planned: said to be IMMUTABLE, it is a constant of the plan, which PostgreSQL
-- makes anew when the role changes, since row-level security is in it. Over UNION ALL of bare tables the planner puts what a login
-- asks in front of a policy all the same where both cost nothing, and a sub-select behind it would be executed or not by what is
-- in others' rows, which EXPLAIN ANALYZE tells. A constant is not executed. Null while the role has no number, and then the
-- sub-select takes its place, so that a plan made before its first request finds that request; and while the number is of the open
-- transaction, since a rollback takes it back and the plan stays. A transaction that has written nothing has given none.
-- Comparisons of texts cost something, and are so kept behind the policy there too, unless all costs are nothing: refused. What a
-- login can do there on purpose all the same is in docs/lifecycle.md.
create or replace function @extschema@.planned_user_mask()
returns boolean[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_mask boolean[] := @extschema@.current_user_mask();
begin
  if current_setting('cpu_operator_cost')::double precision not between 1e-6 and 1e6 then
    perform @privschema@.raise_option('cpu_operator_cost', 'between 1e-6 and 1e6', current_setting('cpu_operator_cost'),
      'Reset it: row-level security relies on comparisons that cost something.');
  end if;
  if pg_current_xact_id_if_assigned() is not null and @privschema@.is_uncommitted_user(array_lower(v_mask, 1)) then
    return null;
  end if;
  return v_mask;
end
$$;

revoke all on function @extschema@.planned_user_mask from public;
comment on function @extschema@.planned_user_mask is 'current_user_mask, as a constant of the plan.';
