-- Takes requests back whose lease is over: their worker died, hangs, or lost its connection. The first time they are
-- pending at once and in their old place; from the second on they run isolated, in case they are what kills workers;
-- when no retry is left they fail. Guarded by status and expiry on the locked row, so what was settled or renewed
-- meanwhile stays as it is.
create or replace function @privschema@.rescue_requests(p_limit int default 100)
returns table (id bigint, status text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
declare
  -- In a variable, because a volatile function cannot bound an index scan.
  v_now timestamptz := clock_timestamp();
  v_ids bigint[];
  v_statuses text[];
begin
  with rescued as (
    update @extschema@.steadytext_queue q
    set status = case when q.retry_count < q.max_retries then 'pending' else 'failed' end,
        runnable = q.retry_count < q.max_retries,
        isolated = q.isolated or q.retry_count > 0,
        retry_count = least(q.retry_count + 1, q.max_retries),
        completed_at = case when q.retry_count < q.max_retries then null else clock_timestamp() end,
        error = format('The worker''s lease ended before it said how the request did (attempt %s of %s)',
                       q.retry_count + 1, q.max_retries + 1),
        daemon_endpoint = q.leased_by::text, leased_by = null, lease_expires_at = null
    where q.id = any (array(
      select e.id
      from @extschema@.steadytext_queue e
      where e.status = 'processing' and e.lease_expires_at < v_now
      order by e.lease_expires_at
      limit p_limit
      for update skip locked))
    returning q.id, q.status
  )
  select array_agg(r.id), array_agg(r.status) into v_ids, v_statuses from rescued r;
  perform @privschema@.log_finished(array(
    select r.id from unnest(v_ids, v_statuses) as r (id, status) where r.status = 'failed'));
  if 'pending' = any (v_statuses) then
    perform @privschema@.notify_queue();
  end if;
  return query select r.id, r.status from unnest(v_ids, v_statuses) as r (id, status);
end
$$;

revoke all on function @privschema@.rescue_requests from public;
comment on function @privschema@.rescue_requests is
  'Takes back requests whose lease is over; gives their new statuses.';
