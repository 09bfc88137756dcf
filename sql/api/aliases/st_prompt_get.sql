-- steadytext_prompt_get under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_prompt_get(slug text, version int default null)
returns table (prompt_id uuid, version_num int, template text, required_variables text[], metadata jsonb,
  created_at timestamptz, created_by text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_prompt_get(slug, version)
$$;

revoke all on function @extschema@.st_prompt_get from public;
comment on function @extschema@.st_prompt_get is 'Short for steadytext_prompt_get.';
