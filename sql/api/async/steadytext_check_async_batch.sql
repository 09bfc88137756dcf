-- How many requests are doing, in the order asked; unknown ones are left out. See steadytext_check_async.
-- Each is looked up by itself: into the view the planner passes no condition of a join, and would read the whole queue.
create or replace function @extschema@.steadytext_check_async_batch(request_ids uuid[])
returns table (request_id uuid, status text, result text, error text, completed_at timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select q.request_id, q.status, q.result, q.error, q.completed_at
    from unnest(request_ids) with ordinality as i (request_id, position)
    cross join lateral (
      select r.request_id, r.status, r.result, r.error, r.completed_at
      from @extschema@.steadytext_requests r
      where r.request_id = i.request_id
      offset 0) q
    order by i.position;
end
$$;

revoke all on function @extschema@.steadytext_check_async_batch from public;
comment on function @extschema@.steadytext_check_async_batch is 'Status of many of your requests, without waiting.';
