-- Advances users by what was claimed of theirs. Rows are written in key order, since the same worker may claim on two
-- connections.
create or replace function @privschema@.charge_virtual_times(
  p_worker_id uuid, p_request_type text, p_model text, p_user_ids int[], p_costs real[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into @privschema@.virtual_times as t
    (worker_id, request_type, model, user_id, virtual_start, virtual_finish, row_cost)
  select p_worker_id, p_request_type, p_model, c.user_id, n.virtual_time,
         n.virtual_time + c.cost / u.weight, c.cost / c.requests
  from (
    select r.user_id, sum(r.cost)::double precision as cost, count(*) as requests
    from unnest(p_user_ids, p_costs) as r (user_id, cost)
    group by r.user_id
  ) as c
  join @extschema@.steadytext_users u on u.user_id = c.user_id
  cross join (
    select coalesce(max(v.virtual_start), 0) as virtual_time
    from @privschema@.virtual_times v
    where v.worker_id = p_worker_id and v.request_type = p_request_type and v.model = p_model
  ) as n
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
