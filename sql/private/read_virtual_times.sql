-- Where each user stands with this worker, and how many requests bring it forward by one. A user's next request is
-- taken to cost what its last ones cost, a new user's what everybody's did. Who is furthest behind stands first, and of those
-- who were away whoever has had least: what there are few of, as places for isolated requests, goes round. Where that is the
-- same too, as between users of equal requests, each worker has an order of its own: in one order for all of them each user
-- would be served as often as there are workers before the next one was at all.
create or replace function @privschema@.read_virtual_times(
  p_worker_id uuid, p_request_type text, p_model text, p_user_ids int[],
  out user_ids int[], out virtual_times double precision[], out rates double precision[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  select array_agg(s.user_id order by s.virtual_time, s.had, s.turn), array_agg(s.virtual_time order by s.virtual_time, s.had, s.turn),
         array_agg(s.rate order by s.virtual_time, s.had, s.turn)
  into user_ids, virtual_times, rates
  from (
    select u.user_id, u.weight / coalesce(t.row_cost, now.row_cost) as rate, coalesce(t.virtual_finish, '-infinity') as had,
           greatest(t.virtual_finish, now.virtual_time) as virtual_time, hashint4extended(u.user_id, now.seed) as turn
    from (
      select coalesce(max(t.virtual_start), 0) as virtual_time, coalesce(avg(t.row_cost), 1) as row_cost,
             uuid_hash_extended(p_worker_id, 0) as seed
      from @privschema@.virtual_times t
      where t.worker_id = p_worker_id and t.request_type = p_request_type and t.model = p_model
    ) as now
    cross join @extschema@.steadytext_users u
    left join @privschema@.virtual_times t
      on t.worker_id = p_worker_id and t.request_type = p_request_type and t.model = p_model and t.user_id = u.user_id
    where u.user_id = any (p_user_ids)
  ) as s;
end
$$;

revoke all on function @privschema@.read_virtual_times from public;
comment on function @privschema@.read_virtual_times is 'Virtual times and rates of users, as this worker keeps them.';
