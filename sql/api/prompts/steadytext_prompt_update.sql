-- Another version of a prompt, which counts from the commit on.
create or replace function @extschema@.steadytext_prompt_update(slug text, template text, metadata jsonb default '{}')
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, options)
  values ('update prompt', jsonb_build_object('slug', slug, 'template', template, 'metadata', metadata))
  returning answer into v_answer;
  return (v_answer #>> '{}')::uuid;
end
$$;

revoke all on function @extschema@.steadytext_prompt_update from public;
comment on function @extschema@.steadytext_prompt_update is 'Makes another version of one of your prompts; gives the versions id.';
