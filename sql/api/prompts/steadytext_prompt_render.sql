-- The text of a prompt. Runs as whoever asks, and has nothing but the variables.
create or replace function @extschema@.steadytext_prompt_render(
  slug text, variables jsonb, version int default null, strict boolean default true)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_version @extschema@.steadytext_prompt_versions := @privschema@.find_prompt(slug, version);
begin
  perform @privschema@.check_render_variables(variables, v_version.required_variables, coalesce(strict, true));
  return @privschema@.render_program(v_version.program, variables);
end
$$;

revoke all on function @extschema@.steadytext_prompt_render from public;
comment on function @extschema@.steadytext_prompt_render is 'The text of a prompt with your variables in it.';
