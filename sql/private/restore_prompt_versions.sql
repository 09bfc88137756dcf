-- Versions that a prompt does not have here. Of a prompt that somebody made anew under its slug none: that is another one. Which version
-- counts stays as it is where one does.
create or replace function @privschema@.restore_prompt_versions(p_rows jsonb)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  insert into @extschema@.steadytext_prompt_versions
  select v.*
  from jsonb_array_elements(p_rows) as r (line)
  cross join lateral jsonb_populate_record(null::@extschema@.steadytext_prompt_versions,
    r.line || jsonb_build_object('is_active', (r.line ->> 'is_active')::boolean and not exists (
      select from @extschema@.steadytext_prompt_versions a
      where a.prompt_id = (r.line ->> 'prompt_id')::uuid and a.is_active))) v
  where exists (select from @extschema@.steadytext_prompts p where p.id = v.prompt_id)
  on conflict do nothing;
  get diagnostics v_restored = row_count;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_prompt_versions from public;
comment on function @privschema@.restore_prompt_versions is 'Restores versions of prompts; gives how many were not there.';
