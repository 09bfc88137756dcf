-- As in sql/api/aliases, but with the reference's short names of what is passed.
create or replace function @extschema@.st_config_get(key text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_config_get(key)
$$;

revoke all on function @extschema@.st_config_get from public;
comment on function @extschema@.st_config_get is 'Short for steadytext_config_get.';
