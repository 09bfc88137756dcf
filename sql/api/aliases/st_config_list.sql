-- steadytext_config_list under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_config_list()
returns table (name text, value text, unit text, default_value text, scope text, source text, description text, allowed text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_config_list()
$$;

revoke all on function @extschema@.st_config_list from public;
comment on function @extschema@.st_config_list is 'Short for steadytext_config_list.';
