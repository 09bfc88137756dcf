-- Which pg_steadytext this behaves like.
create or replace function @extschema@.steadytext_version()
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select '2025.11.25'
$$;

revoke all on function @extschema@.steadytext_version from public;
comment on function @extschema@.steadytext_version is 'Version of pg_steadytext whose shapes these are.';
