-- Every version of a prompt, newest first.
create or replace function @extschema@.steadytext_prompt_versions(slug text)
returns table (version_num int, template text, required_variables text[], metadata jsonb, created_at timestamptz,
  created_by text, is_active boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select v.version, v.template, v.required_variables, v.metadata, v.created_at, v.created_by, v.is_active
  from @extschema@.steadytext_prompts p
  join @extschema@.steadytext_prompt_versions v on v.prompt_id = p.id
  where p.slug = steadytext_prompt_versions.slug
  order by v.version desc;
  if not found then
    perform @privschema@.refuse_slug(steadytext_prompt_versions.slug);
  end if;
end
$$;

revoke all on function @extschema@.steadytext_prompt_versions from public;
comment on function @extschema@.steadytext_prompt_versions is 'Every version of a prompt, newest first.';
