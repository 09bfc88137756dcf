-- Advances users by what was claimed of theirs, each from where it stood (read_virtual_times), or from what another claim of the same
-- worker has brought it to since. Rows are written in key order, since the same worker may claim on two connections.
create or replace function @privschema@.charge_virtual_times(
  p_worker_id uuid, p_request_type text, p_model text, p_user_ids int[], p_costs real[],
  p_standing_users int[], p_virtual_times double precision[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into @privschema@.virtual_times as t
    (worker_id, request_type, model, user_id, virtual_start, virtual_finish, row_cost)
  select p_worker_id, p_request_type, p_model, c.user_id, s.virtual_time, s.virtual_time + c.cost / u.weight,
         c.cost / c.requests
  from (
    select r.user_id, sum(r.cost)::double precision as cost, count(*) as requests
    from unnest(p_user_ids, p_costs) as r (user_id, cost)
    group by r.user_id
  ) as c
  join unnest(p_standing_users, p_virtual_times) as s (user_id, virtual_time) on s.user_id = c.user_id
  join @extschema@.steadytext_users u on u.user_id = c.user_id
  order by c.user_id
  on conflict (worker_id, request_type, model, user_id) do update set
    virtual_start = greatest(t.virtual_finish, excluded.virtual_start),
    virtual_finish = greatest(t.virtual_finish, excluded.virtual_start)
      + (excluded.virtual_finish - excluded.virtual_start),
    row_cost = excluded.row_cost;
end
$$;

revoke all on function @privschema@.charge_virtual_times from public;
comment on function @privschema@.charge_virtual_times is
  'Advances users'' virtual times by the cost of what was claimed, divided by their weights.';
