-- Says from when on entries count, in place of deleting them: a deleted row is locked until the commit, and a worker that
-- settles the same request again would wait for it.
create or replace function @privschema@.clear_cache(p_role_name text, p_cache_type text)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_types text[] := case when p_cache_type = 'all' then array['generation', 'embedding', 'reranking'] else array[p_cache_type] end;
  v_user_id int := case when @privschema@.is_admin(p_role_name) then 0 else @extschema@.steadytext_user_id(p_role_name) end;
  v_now timestamptz := clock_timestamp();
  v_cleared bigint;
begin
  if p_cache_type is null or v_types <@ array['generation', 'embedding', 'reranking'] is not true then
    perform @privschema@.raise_option('cache_type', 'generation, embedding, reranking or all', to_json(p_cache_type)::text,
      'Use one of these.');
  end if;
  if v_user_id is null then
    -- A role that never enqueued has nothing.
    return 0;
  end if;
  select count(*) into v_cleared
  from @privschema@.cache_states e
  where e.counts and (v_user_id = 0 or e.user_id = v_user_id) and e.cache_type = any (v_types);
  insert into @privschema@.cache_clears as c (user_id, cache_type, cleared_at)
  select v_user_id, t.cache_type, v_now from unnest(v_types) as t (cache_type) order by t.cache_type
  on conflict on constraint cache_clears_pkey do update set cleared_at = greatest(c.cleared_at, excluded.cleared_at);
  if v_user_id = 0 then
    perform @privschema@.log_action(p_role_name, 'cache_cleared', 'steadytext_clear_cache', null,
      jsonb_build_object('cache_type', p_cache_type, 'entries', v_cleared));
  end if;
  return v_cleared;
end
$$;

revoke all on function @privschema@.clear_cache from public;
comment on function @privschema@.clear_cache is 'Clears kept results of a role, of an administrator those of all users; gives how many.';
