-- steadytext_prompt_versions under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_prompt_versions(slug text)
returns table (version_num int, template text, required_variables text[], metadata jsonb, created_at timestamptz,
  created_by text, is_active boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_prompt_versions(slug)
$$;

revoke all on function @extschema@.st_prompt_versions from public;
comment on function @extschema@.st_prompt_versions is 'Short for steadytext_prompt_versions.';
