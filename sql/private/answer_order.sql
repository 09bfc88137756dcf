-- What a worker says to what it was asked for. The first answer counts, and one to nothing that was asked is left out.
create or replace function @privschema@.answer_order(p_worker_id uuid, p_order_id uuid, p_done boolean, p_detail text)
returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into @privschema@.order_answers (order_id, worker_id, done, detail)
  select o.order_id, p_worker_id, p_done, left(p_detail, 2000)
  from @privschema@.fleet_orders o
  where o.order_id = p_order_id
  on conflict on constraint order_answers_pkey do nothing
$$;

revoke all on function @privschema@.answer_order from public;
comment on function @privschema@.answer_order is 'Writes down what a worker answered to an order.';
