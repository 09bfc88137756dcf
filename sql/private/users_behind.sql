-- Of more users than one claim looks at (users_to_serve), those whom this worker has served least, each with something to run:
-- who is served next is among them or is new to the worker, so that shares are as right among a thousand users as among ten.
-- Rows of users who have nothing to run and are no further than the present are taken away on the way: they come back level with it
-- anyhow, and would stand before those who wait. Not more than can be looked at without being felt, and none that another
-- claim of the same worker holds.
create or replace function @privschema@.users_behind(p_worker_id uuid, p_request_type text, p_model text, p_most int)
returns int[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_behind int[];
  v_gone int[];
begin
  select array_agg(l.user_id order by l.virtual_finish, l.user_id) filter (where l.waits), array_agg(l.user_id) filter (where not l.waits)
  into v_behind, v_gone
  from (
    select t.user_id, t.virtual_finish,
           exists (select from @extschema@.steadytext_queue q
                   where q.request_type = p_request_type and q.model = p_model and q.user_id = t.user_id
                     and q.status = 'pending' and q.runnable) as waits
    from (
      select v.user_id, v.virtual_finish
      from @privschema@.virtual_times v
      where v.worker_id = p_worker_id and v.request_type = p_request_type and v.model = p_model
      order by v.virtual_finish, v.user_id
      limit p_most + 50) as t
  ) as l;
  if v_gone is not null then
    delete from @privschema@.virtual_times v
    where v.ctid = any (array(
      select g.ctid from @privschema@.virtual_times g
      where g.worker_id = p_worker_id and g.request_type = p_request_type and g.model = p_model and g.user_id = any (v_gone)
        and g.virtual_finish <= (
          select max(n.virtual_start) from @privschema@.virtual_times n
          where n.worker_id = p_worker_id and n.request_type = p_request_type and n.model = p_model)
      for update skip locked));
  end if;
  return coalesce(v_behind[1:p_most], '{}');
end
$$;

revoke all on function @privschema@.users_behind from public;
comment on function @privschema@.users_behind is 'Users with something to run whom a worker has served least.';
