-- Of more users than one claim looks at (users_to_serve), those whom this worker has served least, each with something to run:
-- who is served next is among them or is new to the worker, so that shares are as right among a thousand users as among ten.
-- Fifty more than the rows wanted, for those who have nothing that the claim may take and stay furthest behind. Also those among
-- the first who have nothing to run at all. Who have had the same are in the worker's own order, as in read_virtual_times.
create or replace function @privschema@.users_behind(
  p_worker_id uuid, p_request_type text, p_model text, p_most int, out waiting int[], out gone int[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  select coalesce(array_agg(l.user_id) filter (where l.waits), array[]::int[]),
         coalesce(array_agg(l.user_id) filter (where not l.waits), array[]::int[])
  into waiting, gone
  from (
    select t.user_id,
           exists (select from @extschema@.steadytext_queue q
                   where q.request_type = p_request_type and q.model = p_model and q.user_id = t.user_id
                     and q.status = 'pending' and q.runnable) as waits
    from (
      select v.user_id
      from @privschema@.virtual_times v
      where v.worker_id = p_worker_id and v.request_type = p_request_type and v.model = p_model
      order by v.virtual_finish, hashint4extended(v.user_id, uuid_hash_extended(p_worker_id, 0))
      limit p_most + 50) as t
  ) as l;
end
$$;

revoke all on function @privschema@.users_behind from public;
comment on function @privschema@.users_behind is
  'Users with something to run whom a worker has served least, and those among them who have nothing.';
