-- steadytext_prompt_list under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_prompt_list()
returns table (prompt_id uuid, slug text, description text, latest_version_num int, total_versions int,
  created_at timestamptz, updated_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_prompt_list()
$$;

revoke all on function @extschema@.st_prompt_list from public;
comment on function @extschema@.st_prompt_list is 'Short for steadytext_prompt_list.';
