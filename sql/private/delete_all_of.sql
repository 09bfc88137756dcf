-- Deletes what is kept of a user but for the logs: requests with their results, the cache with its counts; and takes the user's
-- name off prompts, which are shared and stay. Gives how much of each.
create or replace function @privschema@.delete_all_of(p_user_id int, p_role_name text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_nobody text := 'erased user ' || p_user_id;
  v_requests bigint;
  v_entries bigint;
  v_counts bigint;
  v_prompts bigint;
  v_versions bigint;
begin
  delete from @privschema@.stream_pieces s using @extschema@.steadytext_queue q
  where q.user_id = p_user_id and s.request_id = q.request_id;
  delete from @privschema@.streams s using @extschema@.steadytext_queue q
  where q.user_id = p_user_id and s.request_id = q.request_id;
  delete from @privschema@.write_backs w where w.user_id = p_user_id;
  delete from @extschema@.steadytext_queue q where q.user_id = p_user_id;
  get diagnostics v_requests = row_count;
  delete from @extschema@.steadytext_cache_entries e where e.user_id = p_user_id;
  get diagnostics v_entries = row_count;
  delete from @privschema@.cache_touches t where t.user_id = p_user_id;
  delete from @privschema@.cache_clears c where c.user_id = p_user_id;
  delete from @privschema@.cache_counts c where c.user_id = p_user_id;
  get diagnostics v_counts = row_count;
  delete from @privschema@.refusals r where r.role_name = p_role_name;
  update @extschema@.steadytext_prompts p
  set created_by = case p.created_by when p_role_name then v_nobody else p.created_by end,
      updated_by = case p.updated_by when p_role_name then v_nobody else p.updated_by end
  where p_role_name in (p.created_by, p.updated_by);
  get diagnostics v_prompts = row_count;
  update @extschema@.steadytext_prompt_versions v set created_by = v_nobody where v.created_by = p_role_name;
  get diagnostics v_versions = row_count;
  return jsonb_build_object('requests', v_requests, 'cache_entries', v_entries, 'cache_counts', v_counts,
    'prompts_unnamed', v_prompts, 'prompt_versions_unnamed', v_versions);
end
$$;

revoke all on function @privschema@.delete_all_of from public;
comment on function @privschema@.delete_all_of is 'Deletes a user''s requests and cache; gives how much of each.';
