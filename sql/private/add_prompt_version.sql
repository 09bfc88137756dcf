-- Compiles a template into the next version of a prompt, which is the active one from then on. Whoever calls holds the prompt's
-- row: versions are numbered one after another.
create or replace function @privschema@.add_prompt_version(p_role_name text, p_prompt_id uuid, p_template text, p_metadata jsonb)
returns @extschema@.steadytext_prompt_versions
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_compiled record := @privschema@.compile_template(p_template);
  v_metadata jsonb := coalesce(p_metadata, '{}');
  v_version @extschema@.steadytext_prompt_versions;
begin
  if jsonb_typeof(v_metadata) <> 'object' then
    perform @privschema@.raise_option('metadata', 'a JSON object', v_metadata::text, 'Pass names with values, or leave it out.');
  elsif octet_length(v_metadata::text) > 65536 then
    perform @privschema@.raise_option('metadata', 'at most 65536 octets as text', octet_length(v_metadata::text)::text,
      'Keep what is larger in a table of your own.');
  end if;
  update @extschema@.steadytext_prompt_versions v set is_active = false where v.prompt_id = p_prompt_id and v.is_active;
  insert into @extschema@.steadytext_prompt_versions
    (prompt_id, version, template, program, required_variables, metadata, created_at, created_by, is_active)
  select p_prompt_id, coalesce(max(v.version), 0) + 1, p_template, v_compiled.program, v_compiled.required_variables, v_metadata,
    clock_timestamp(), p_role_name, true
  from @extschema@.steadytext_prompt_versions v
  where v.prompt_id = p_prompt_id
  returning * into v_version;
  return v_version;
end
$$;

revoke all on function @privschema@.add_prompt_version from public;
comment on function @privschema@.add_prompt_version is 'Makes the next version of a prompt.';
