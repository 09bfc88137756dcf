-- Whether a value of a JSON Schema (const, default …) is nested deeper than its compiler takes, or a prompt's variables are deeper
-- than those may be.
create or replace function @privschema@.is_deep(p_value jsonb)
returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_path_exists(p_value, 'strict $.**{65}')
$$;

revoke all on function @privschema@.is_deep from public;
comment on function @privschema@.is_deep is 'Whether a value is nested more than 64 deep.';
