-- A prompt with all its versions. False for a name that there is not, as in the reference.
create or replace function @extschema@.steadytext_prompt_delete(slug text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, options) values ('delete prompt', jsonb_build_object('slug', slug))
  returning answer into v_answer;
  return v_answer::boolean;
end
$$;

revoke all on function @extschema@.steadytext_prompt_delete from public;
comment on function @extschema@.steadytext_prompt_delete is
  'Deletes one of your prompts with all its versions; false if there is none.';
