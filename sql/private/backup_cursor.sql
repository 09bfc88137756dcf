-- A cursor over the rows of one part of a backup, each as JSON. STABLE, so that in a function that is STABLE too all of them are of
-- one snapshot. Of settings what somebody has chosen, but not what the servers themselves are; of the cache what still counts; requests
-- in the order in which they came.
create or replace function @privschema@.backup_cursor(p_part text)
returns refcursor
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rows refcursor := 'steadytext_backup'::refcursor;
begin
  case p_part
    when 'steadytext_users' then
      open v_rows for select to_json(u)::text as line from @privschema@.backup_users() u;
    when 'steadytext_settings' then
      open v_rows for select json_build_object('name', s.name, 'value', s.value)::text as line from @extschema@.steadytext_settings s
        where s.source <> 'default' and not starts_with(s.name, 'ha_') order by s.name;
    when 'steadytext_models' then
      open v_rows for select to_json(m)::text as line from @extschema@.steadytext_models m order by m.name;
    when 'steadytext_prompts' then
      open v_rows for select to_json(p)::text as line from @extschema@.steadytext_prompts p;
    when 'steadytext_prompt_versions' then
      open v_rows for select to_json(v)::text as line from @extschema@.steadytext_prompt_versions v;
    when 'steadytext_queue' then
      open v_rows for select to_json(q)::text as line from @extschema@.steadytext_queue q order by q.id;
    when 'write_backs' then
      open v_rows for select to_json(w)::text as line from @privschema@.write_backs w;
    when 'steadytext_cache_entries' then
      open v_rows for select to_json(e)::text as line from @extschema@.steadytext_cache_entries e
        where exists (select from @privschema@.cache_states s where s.id = e.id and s.counts);
    else
      open v_rows for select to_json(c)::text as line from @privschema@.cache_counts c;
  end case;
  return v_rows;
end
$$;

revoke all on function @privschema@.backup_cursor from public;
comment on function @privschema@.backup_cursor is 'Cursor over the rows of a part of a backup, as JSON.';
