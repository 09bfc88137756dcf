-- steadytext_set_default_model under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_set_default_model(p_name text)
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_set_default_model(p_name)
$$;

revoke all on function @extschema@.st_set_default_model from public;
comment on function @extschema@.st_set_default_model is 'Short for steadytext_set_default_model.';
