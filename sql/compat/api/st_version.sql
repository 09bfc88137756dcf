-- steadytext_version under its short name.
create or replace function @extschema@.st_version()
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_version()
$$;

revoke all on function @extschema@.st_version from public;
comment on function @extschema@.st_version is 'Short for steadytext_version.';
