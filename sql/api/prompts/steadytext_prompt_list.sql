-- All prompts, by name.
create or replace function @extschema@.steadytext_prompt_list()
returns table (prompt_id uuid, slug text, description text, latest_version_num int, total_versions int,
  created_at timestamptz, updated_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select p.id, p.slug, p.description, v.latest, v.total, p.created_at, p.updated_at
  from @extschema@.steadytext_prompts p
  cross join lateral (
    select max(n.version) as latest, count(*)::int as total
    from @extschema@.steadytext_prompt_versions n
    where n.prompt_id = p.id) v
  order by p.slug collate "C"
$$;

revoke all on function @extschema@.steadytext_prompt_list from public;
comment on function @extschema@.steadytext_prompt_list is 'All prompts, by name.';
