-- A version of a prompt, the newest one if none is named.
create or replace function @extschema@.steadytext_prompt_get(slug text, version int default null)
returns table (prompt_id uuid, version_num int, template text, required_variables text[], metadata jsonb,
  created_at timestamptz, created_by text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_version @extschema@.steadytext_prompt_versions := @privschema@.find_prompt(slug, version);
begin
  return query select v_version.prompt_id, v_version.version, v_version.template, v_version.required_variables, v_version.metadata,
    v_version.created_at, v_version.created_by;
end
$$;

revoke all on function @extschema@.steadytext_prompt_get from public;
comment on function @extschema@.steadytext_prompt_get is 'A version of a prompt, the newest one if none is named.';
