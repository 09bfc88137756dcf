-- A prompt under a name, with its first version.
create or replace function @extschema@.steadytext_prompt_create(
  slug text, template text, description text default null, metadata jsonb default '{}')
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, options)
  values ('create prompt', jsonb_build_object('slug', slug, 'template', template, 'description', description, 'metadata', metadata))
  returning answer into v_answer;
  return (v_answer #>> '{}')::uuid;
end
$$;

revoke all on function @extschema@.steadytext_prompt_create from public;
comment on function @extschema@.steadytext_prompt_create is 'Makes a prompt from a template; gives its id.';
