-- Whom a claim considers: everybody who waits, if they are fewer than a hundred or than the rows wanted; else so many, going on from
-- where this worker's last claim ended, because a probe a user adds up (with 1000 users 69 ms a claim against 12, on a
-- busy machine). So everybody is looked at equally often, whatever their numbers are. Each worker begins at
-- another number: all of them would serve the same hundred first.
create or replace function @privschema@.users_to_serve(p_worker_id uuid, p_request_type text, p_model text, p_limit int)
returns int[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most int := greatest(100, p_limit);
  v_first int;
  v_second int;
  v_last int;
  v_users int[];
  v_from_top int[];
begin
  -- Most claims are for nobody or for one user: the first two steps of runnable_users, which tell, are a statement less.
  select u.user_id, (
      select q.user_id
      from @extschema@.steadytext_queue q
      where q.request_type = p_request_type and q.model = p_model and q.status = 'pending' and q.runnable
        and q.user_id < u.user_id
      order by q.request_type desc, q.model desc, q.user_id desc, q.priority, q.scheduled_at desc, q.id desc
      limit 1)
  into v_first, v_second
  from (
    select q.user_id
    from @extschema@.steadytext_queue q
    where q.request_type = p_request_type and q.model = p_model and q.status = 'pending' and q.runnable
    order by q.request_type desc, q.model desc, q.user_id desc, q.priority, q.scheduled_at desc, q.id desc
    limit 1) u;
  if v_second is null then
    return array_remove(array[v_first], null);
  end if;
  v_last := (
    select c.user_id from @privschema@.claim_cursors c
    where c.worker_id = p_worker_id and c.request_type = p_request_type and c.model = p_model);
  v_users := @privschema@.runnable_users(p_request_type, p_model, coalesce(v_last - 1, 2147483647), v_most);
  if v_last is null then
    if cardinality(v_users) < v_most then
      return v_users;
    end if;
    v_users := @privschema@.runnable_users(
      p_request_type, p_model, (1 + abs(uuid_hash_extended(p_worker_id, 0) % greatest(1, v_users[1])))::int, v_most);
  end if;
  if cardinality(v_users) < v_most then
    -- Round to the top where the numbers ran out, without anybody twice.
    v_from_top := @privschema@.runnable_users(p_request_type, p_model, 2147483647, v_most);
    if cardinality(v_from_top) < v_most then
      delete from @privschema@.claim_cursors c
      where c.worker_id = p_worker_id and c.request_type = p_request_type and c.model = p_model;
      return v_from_top;
    end if;
    v_users := v_users || v_from_top[1:v_most - cardinality(v_users)];
  end if;
  insert into @privschema@.claim_cursors as c (worker_id, request_type, model, user_id)
  values (p_worker_id, p_request_type, p_model, v_users[v_most])
  on conflict (worker_id, request_type, model) do update set user_id = excluded.user_id;
  return v_users;
end
$$;

revoke all on function @privschema@.users_to_serve from public;
comment on function @privschema@.users_to_serve is 'Users a claim chooses rows from.';
