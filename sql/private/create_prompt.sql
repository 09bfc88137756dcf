-- Makes a prompt with its first version, for a role that may write. Of two at once under one name the second waits for the first,
-- and is refused if that one commits.
create or replace function @privschema@.create_prompt(
  p_role_name text, p_slug text, p_template text, p_description text, p_metadata jsonb)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user_id int := @privschema@.ensure_user_id(p_role_name);
  v_prompt_id uuid;
begin
  if coalesce(p_slug !~ '^[a-z0-9]+(-[a-z0-9]+)*$' or length(p_slug) not between 3 and 100, true) then
    raise exception 'Invalid slug format. Use lowercase letters, numbers, and hyphens only (3-100 chars)'
      using errcode = 'invalid_text_representation', hint = 'Like welcome-mail-2: no hyphen at an end, and no two in a row.';
  elsif length(p_description) > 500 then
    perform @privschema@.raise_option('description', 'at most 500 characters', length(p_description)::text, 'Shorten it.');
  end if;
  insert into @extschema@.steadytext_prompts (slug, description, user_id, created_at, created_by, updated_at, updated_by)
  values (p_slug, p_description, v_user_id, clock_timestamp(), p_role_name, clock_timestamp(), p_role_name)
  on conflict on constraint prompts_slug_unique do nothing
  returning id into v_prompt_id;
  if v_prompt_id is null then
    raise exception 'Prompt with slug "%" already exists', p_slug
      using errcode = 'unique_violation', hint = 'steadytext_prompt_update makes a new version of it.';
  end if;
  perform @privschema@.add_prompt_version(p_role_name, v_prompt_id, p_template, p_metadata);
  perform @privschema@.log_action(p_role_name, 'prompt_created', 'steadytext_prompt_create', null,
    jsonb_build_object('slug', p_slug, 'prompt_id', v_prompt_id, 'template_length', length(p_template)));
  return v_prompt_id;
end
$$;

revoke all on function @privschema@.create_prompt from public;
comment on function @privschema@.create_prompt is 'Makes a prompt with its first version.';
