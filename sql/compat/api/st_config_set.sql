-- As in sql/api/aliases, but with the reference's short names of what is passed.
create or replace function @extschema@.st_config_set(key text, value text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @extschema@.steadytext_config_set(key, value);
end
$$;

revoke all on function @extschema@.st_config_set from public;
comment on function @extschema@.st_config_set is 'Short for steadytext_config_set.';
