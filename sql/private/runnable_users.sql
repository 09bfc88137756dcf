-- The users who have something to run of one request type and model, at most so many, from a user number downwards: a
-- loose scan of the claim index, one probe a user. It goes down, and so meets each user's last rows, which are alive:
-- the dead ones that claims leave behind are at the head, and only the claim itself has to walk past them.
create or replace function @privschema@.runnable_users(p_request_type text, p_model text, p_from int, p_most int)
returns int[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    with recursive users as (
      (select q.user_id
       from @extschema@.steadytext_queue q
       where q.request_type = p_request_type and q.model = p_model and q.status = 'pending' and q.runnable
         and q.user_id <= p_from
       order by q.request_type desc, q.model desc, q.user_id desc, q.priority, q.scheduled_at desc, q.id desc
       limit 1)
      union all
      select (select q.user_id
              from @extschema@.steadytext_queue q
              where q.request_type = p_request_type and q.model = p_model and q.status = 'pending' and q.runnable
                and q.user_id < u.user_id
              order by q.request_type desc, q.model desc, q.user_id desc, q.priority, q.scheduled_at desc, q.id desc
              limit 1)
      from users u
      where u.user_id is not null)
    select u.user_id from users u where u.user_id is not null limit p_most);
end
$$;

revoke all on function @privschema@.runnable_users from public;
comment on function @privschema@.runnable_users is 'Users with runnable requests of a type and model, downwards.';
