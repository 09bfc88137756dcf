-- Takes back rows that the caller has locked and found over their lease. The first time they are pending at once and in
-- their old place; from the second on they run isolated, in case they are what kills workers; when no retry is left
-- they fail.
create or replace function @privschema@.rescue_rows(p_request_ids uuid[])
returns table (request_id uuid, status text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_ids uuid[];
  v_statuses text[];
  v_final_rows tid[];
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
    where q.request_id = any (p_request_ids)
    returning q.request_id, q.status, q.ctid
  )
  select array_agg(r.request_id), array_agg(r.status), array_agg(r.ctid) filter (where r.status = 'failed')
  into v_ids, v_statuses, v_final_rows
  from rescued r;
  perform @privschema@.log_finished(v_final_rows);
  if 'pending' = any (v_statuses) then
    perform @privschema@.notify_queue();
  end if;
  return query select r.request_id, r.status from unnest(v_ids, v_statuses) as r (request_id, status);
end
$$;

revoke all on function @privschema@.rescue_rows from public;
comment on function @privschema@.rescue_rows is 'Takes back locked rows whose lease is over; gives their new statuses.';
