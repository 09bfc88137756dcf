-- A call of a function that changes prompts, for the role that made it.
create or replace function @privschema@.run_prompt_call(p_role_name text, p_call text, p_options jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_call
    when 'create prompt' then to_jsonb(@privschema@.create_prompt(p_role_name, p_options ->> 'slug', p_options ->> 'template',
      p_options ->> 'description', p_options -> 'metadata'))
    when 'update prompt' then to_jsonb(@privschema@.update_prompt(p_role_name, p_options ->> 'slug', p_options ->> 'template',
      p_options -> 'metadata'))
    else to_jsonb(@privschema@.delete_prompt(p_role_name, p_options ->> 'slug')) end;
end
$$;

revoke all on function @privschema@.run_prompt_call from public;
comment on function @privschema@.run_prompt_call is 'Changes prompts for the role that calls.';
