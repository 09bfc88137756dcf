-- Users who have nothing to run and are no further than the present: they would stand before those who wait, in every claim
-- (users_behind). Who comes back is new to the worker: level with the present, and first of those who are. The last thing that a
-- claim does with these rows, and without waiting: another claim of the same worker may wait for one of them, and this one then
-- for nobody.
create or replace function @privschema@.forget_users(p_worker_id uuid, p_request_type text, p_model text, p_user_ids int[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from @privschema@.virtual_times v
  where v.ctid = any (array(
    select g.ctid from @privschema@.virtual_times g
    where g.worker_id = p_worker_id and g.request_type = p_request_type and g.model = p_model
      and g.user_id = any (p_user_ids)
      and g.virtual_finish <= (
        select max(n.virtual_start) from @privschema@.virtual_times n
        where n.worker_id = p_worker_id and n.request_type = p_request_type and n.model = p_model)
    for update skip locked));
end
$$;

revoke all on function @privschema@.forget_users from public;
comment on function @privschema@.forget_users is 'Takes away the virtual times of users who are no further than the present.';
