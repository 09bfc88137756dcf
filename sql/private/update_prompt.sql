-- Makes another version of a prompt for a role that may change it; gives the version's id.
create or replace function @privschema@.update_prompt(p_role_name text, p_slug text, p_template text, p_metadata jsonb)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_prompt_id uuid := @privschema@.own_prompt(p_role_name, p_slug);
  v_version @extschema@.steadytext_prompt_versions;
begin
  if v_prompt_id is null then
    perform @privschema@.refuse_slug(p_slug);
  end if;
  v_version := @privschema@.add_prompt_version(p_role_name, v_prompt_id, p_template, p_metadata);
  update @extschema@.steadytext_prompts p
  set updated_at = v_version.created_at, updated_by = p_role_name
  where p.id = v_prompt_id;
  perform @privschema@.log_action(p_role_name, 'prompt_updated', 'steadytext_prompt_update', null, jsonb_build_object(
    'slug', p_slug, 'prompt_id', v_prompt_id, 'version', v_version.version, 'template_length', length(p_template)));
  return v_version.id;
end
$$;

revoke all on function @privschema@.update_prompt from public;
comment on function @privschema@.update_prompt is 'Makes another version of a prompt.';
