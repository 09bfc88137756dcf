-- Somebody was served while nobody else waited: everybody comes back level with the present, whatever they had before, and
-- ahead of this one by a single request, so that the next turn is not this one's too. The rest of what it had costs nothing.
create or replace function @privschema@.charge_alone(
  p_worker_id uuid, p_request_type text, p_model text, p_user_id int, p_row_cost double precision)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into @privschema@.virtual_times as t
    (worker_id, request_type, model, user_id, virtual_start, virtual_finish, row_cost)
  select p_worker_id, p_request_type, p_model, u.user_id, n.virtual_time, n.virtual_time + p_row_cost / u.weight, p_row_cost
  from (
    select coalesce(max(v.virtual_finish), 0) as virtual_time,
           coalesce(max(v.virtual_finish) filter (where v.user_id <> p_user_id), '-infinity') as others,
           max(v.virtual_start) filter (where v.user_id = p_user_id and v.row_cost = p_row_cost) as own_start,
           max(v.virtual_finish) filter (where v.user_id = p_user_id) as own_finish
    from @privschema@.virtual_times v
    where v.worker_id = p_worker_id and v.request_type = p_request_type and v.model = p_model
  ) as n
  join @extschema@.steadytext_users u on u.user_id = p_user_id
  -- Already ahead of everybody by such a request: to move on would change nothing between them, and was a twelfth of a claim.
  where (n.own_start >= n.others and n.own_finish = n.own_start + p_row_cost / u.weight) is not true
  on conflict (worker_id, request_type, model, user_id) do update set
    virtual_start = excluded.virtual_start, virtual_finish = excluded.virtual_finish, row_cost = excluded.row_cost;
end
$$;

revoke all on function @privschema@.charge_alone from public;
comment on function @privschema@.charge_alone is 'Advances a user who was served alone by one request.';
