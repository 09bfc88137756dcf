-- Rows of one part of a backup, which are of users that restore_users knows. What is there already stays. Gives how many came in.
create or replace function @privschema@.restore_rows(p_part text, p_rows jsonb, p_user_ids jsonb, p_replaces boolean)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_part
    when 'steadytext_settings' then @privschema@.restore_settings(p_rows, p_replaces)
    when 'steadytext_models' then @privschema@.restore_models(p_rows, p_replaces)
    when 'steadytext_prompts' then @privschema@.restore_prompts(p_rows, p_user_ids)
    when 'steadytext_prompt_versions' then @privschema@.restore_prompt_versions(p_rows)
    when 'steadytext_queue' then @privschema@.restore_requests(p_rows, p_user_ids)
    when 'write_backs' then @privschema@.restore_write_backs(p_rows, p_user_ids)
    when 'steadytext_cache_entries' then @privschema@.restore_cache_entries(p_rows, p_user_ids)
    when 'cache_counts' then @privschema@.restore_cache_counts(p_rows, p_user_ids)
  end;
end
$$;

revoke all on function @privschema@.restore_rows from public;
comment on function @privschema@.restore_rows is 'Restores rows of a part of a backup; gives how many were not there.';
