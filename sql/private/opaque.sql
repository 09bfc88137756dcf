-- A value as it is, from a function that is said to be VOLATILE: no condition on it is passed on into the view that gives it, where
-- the planner might ask it before it asks whose the row is. It is inlined, and costs nothing. No pinned search_path, so that it is.
create or replace function @privschema@.opaque(p_value anyelement)
returns anyelement
language sql volatile parallel safe
as $$
  select p_value
$$;

revoke all on function @privschema@.opaque from public;
comment on function @privschema@.opaque is 'The value; no condition on it is passed on into a view.';
