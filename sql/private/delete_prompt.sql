-- Deletes a prompt with all its versions for a role that may change it; false where there is none.
create or replace function @privschema@.delete_prompt(p_role_name text, p_slug text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_prompt_id uuid := @privschema@.own_prompt(p_role_name, p_slug);
  v_versions int;
begin
  if v_prompt_id is null then
    return false;
  end if;
  delete from @extschema@.steadytext_prompt_versions v where v.prompt_id = v_prompt_id;
  get diagnostics v_versions = row_count;
  delete from @extschema@.steadytext_prompts p where p.id = v_prompt_id;
  perform @privschema@.log_action(p_role_name, 'prompt_deleted', 'steadytext_prompt_delete', null,
    jsonb_build_object('slug', p_slug, 'prompt_id', v_prompt_id, 'versions', v_versions));
  return true;
end
$$;

revoke all on function @privschema@.delete_prompt from public;
comment on function @privschema@.delete_prompt is 'Deletes a prompt with all its versions.';
