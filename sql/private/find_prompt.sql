-- A version of a prompt, the active one if none is named, as whoever asks may read it.
create or replace function @privschema@.find_prompt(p_slug text, p_version int)
returns @extschema@.steadytext_prompt_versions
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version @extschema@.steadytext_prompt_versions;
begin
  select v.* into v_version
  from @extschema@.steadytext_prompts p
  join @extschema@.steadytext_prompt_versions v on v.prompt_id = p.id
  where p.slug = p_slug and case when p_version is null then v.is_active else v.version = p_version end;
  if found then
    return v_version;
  elsif p_version is null or not exists (select from @extschema@.steadytext_prompts p where p.slug = p_slug) then
    perform @privschema@.refuse_slug(p_slug);
  end if;
  raise exception 'Version % not found for prompt "%"', p_version, p_slug
    using errcode = 'no_data_found', hint = 'steadytext_prompt_versions lists those that there are.';
end
$$;

revoke all on function @privschema@.find_prompt from public;
comment on function @privschema@.find_prompt is 'A version of a prompt, the active one if none is named.';
