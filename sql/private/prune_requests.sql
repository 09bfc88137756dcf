-- Deletes finished requests past their retention, a page at a time and oldest first, what workers left behind that
-- were killed a day ago or more, or left in order an hour ago, and what is left of streams. Idempotency keys go with their requests. When nothing
-- is due it is one probe of an index, however long the queue.
create or replace function @privschema@.prune_requests(p_limit int default 1000)
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
  v_before timestamptz := now() - @privschema@.setting('queue_retention')::interval;
  v_pruned uuid[];
begin
  perform @privschema@.check_limit(p_limit);
  with pruned as (
    delete from @extschema@.steadytext_queue q
    where q.request_id = any (array(
      select f.request_id
      from @extschema@.steadytext_queue f
      where f.completed_at < v_before
      order by f.completed_at
      limit p_limit
      for update skip locked))
    returning q.request_id
  )
  select array_agg(p.request_id) into v_pruned from pruned p;
  perform @privschema@.prune_write_backs(v_pruned, v_before, p_limit);
  delete from @extschema@.steadytext_workers w where w.heartbeat_at < now() - interval '1 day';
  delete from @privschema@.retired_workers r where r.retired_at < now() - interval '1 hour';
  delete from @privschema@.fleet_orders o where o.expires_at < now() - interval '1 hour';
  delete from @privschema@.order_answers a where a.answered_at < now() - interval '2 hours';
  delete from @privschema@.claim_cursors c
  where not exists (select from @extschema@.steadytext_workers w where w.worker_id = c.worker_id);
  delete from @privschema@.virtual_times t
  where not exists (select from @extschema@.steadytext_workers w where w.worker_id = t.worker_id);
  perform @privschema@.prune_streams();
  return coalesce(cardinality(v_pruned), 0);
end
$$;

revoke all on function @privschema@.prune_requests from public;
comment on function @privschema@.prune_requests is
  'Deletes a page of finished requests past their retention; gives how many.';
