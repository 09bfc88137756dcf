-- All that is kept of a user, for the user or an administrator, as one JSON object.
create or replace function @privschema@.export_user(p_role_name text, p_user_id int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user_id int := coalesce(p_user_id, @extschema@.steadytext_user_id(p_role_name));
  v_user @extschema@.steadytext_users;
  v_export jsonb;
begin
  if v_user_id is null then
    return null;
  elsif not @privschema@.may_see(p_role_name, v_user_id) then
    raise exception 'A user''s data should go to the user or an administrator, but "%" is neither', p_role_name
      using errcode = 'insufficient_privilege', hint = 'Leave user_id out for your own.';
  end if;
  select u.* into v_user from @extschema@.steadytext_users u where u.user_id = v_user_id;
  if not found then
    perform @privschema@.raise_option('user_id', 'one of steadytext_users', v_user_id::text,
      'See select user_id, role_name from steadytext_users.');
  end if;
  v_export := jsonb_build_object(
    'exported_at', clock_timestamp(), 'user', to_jsonb(v_user),
    'requests', (select coalesce(jsonb_agg(to_jsonb(q) order by q.id), '[]') from @extschema@.steadytext_queue q where q.user_id = v_user_id),
    'write_backs', (select coalesce(jsonb_agg(to_jsonb(w) order by w.request_id), '[]') from @privschema@.write_backs w where w.user_id = v_user_id),
    'cache', (select coalesce(jsonb_agg(to_jsonb(e) order by e.id), '[]') from @extschema@.steadytext_cache_entries e where e.user_id = v_user_id),
    'cache_counts', (select coalesce(jsonb_agg(to_jsonb(c) order by c.cache_type), '[]') from @privschema@.cache_counts c where c.user_id = v_user_id),
    'prompts', (select coalesce(jsonb_agg(to_jsonb(p) order by p.slug), '[]') from @extschema@.steadytext_prompts p where p.user_id = v_user_id),
    'prompt_versions', (
      select coalesce(jsonb_agg(to_jsonb(v) - 'program' order by v.created_at), '[]') from @extschema@.steadytext_prompt_versions v
      where v.created_by = v_user.role_name),
    'request_log', (select coalesce(jsonb_agg(to_jsonb(l) order by l.id), '[]') from @extschema@.steadytext_request_log l where l.user_id = v_user_id),
    'audit_log', (
      select coalesce(jsonb_agg(to_jsonb(a) - '{salt,digest,text_digest,xid}'::text[] order by a.id), '[]')
      from @extschema@.steadytext_audit_log a where a.user_id = v_user_id),
    'erasures', (select coalesce(jsonb_agg(to_jsonb(r) order by r.id), '[]') from @extschema@.steadytext_erasures r where r.user_id = v_user_id));
  perform @privschema@.log_action(p_role_name, 'user_exported', 'steadytext_export_user', null, jsonb_build_object('user', v_user_id));
  return v_export;
exception when program_limit_exceeded then
  raise exception 'A user''s data should fit one JSON value (256 MB), but is more'
    using errcode = 'program_limit_exceeded',
      hint = 'Read steadytext_requests, steadytext_usage and steadytext_cache page by page, with this user_id.';
end
$$;

revoke all on function @privschema@.export_user from public;
comment on function @privschema@.export_user is 'All that is kept of a user, as JSON.';
