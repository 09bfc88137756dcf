-- How far an order is: a row for each worker that lives and did when it was placed, or has answered. What is not answered is silent.
create or replace function @privschema@.order_outcomes(p_order_id uuid)
returns table (worker_id uuid, worker text, state text, detail text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(w.worker_id, a.worker_id), coalesce(w.name, 'gone'),
         case when a.done then 'done' when not a.done then 'failed' else 'silent' end, coalesce(a.detail, 'no answer in time')
  from (
    select l.worker_id, l.name
    from @privschema@.live_workers() l
    join @privschema@.fleet_orders o on o.order_id = p_order_id and l.started_at <= o.asked_at
  ) w
  full join (select * from @privschema@.order_answers n where n.order_id = p_order_id) a on a.worker_id = w.worker_id
$$;

revoke all on function @privschema@.order_outcomes from public;
comment on function @privschema@.order_outcomes is 'What each worker has answered to an order.';
