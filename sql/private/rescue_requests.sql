-- Takes requests back whose lease is over: their worker died, hangs, or lost its connection. One row that cannot be
-- taken back must not hold up the others of everybody: when a page fails, its rows are taken singly, and the ones that
-- fail again are put off, behind all others.
create or replace function @privschema@.rescue_requests(p_limit int default 100)
returns table (request_id uuid, status text)
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
  v_ids uuid[];
  v_id uuid;
begin
  perform @privschema@.check_limit(p_limit);
  v_ids := array(
    select e.request_id
    from @extschema@.steadytext_queue e
    where e.status = 'processing' and e.lease_expires_at < v_now
    order by e.lease_expires_at
    limit p_limit
    for update skip locked);
  if cardinality(v_ids) = 0 then
    return;
  end if;
  begin
    return query select r.request_id, r.status from @privschema@.rescue_rows(v_ids) r;
    return;
  exception when others then
    raise warning 'Requests should be rescued, but a page of % was not: %', cardinality(v_ids), sqlerrm;
  end;
  foreach v_id in array v_ids loop
    begin
      return query select r.request_id, r.status from @privschema@.rescue_rows(array[v_id]) r;
    exception when others then
      raise warning 'Request % should be rescued, but was not: %', v_id, sqlerrm;
      update @extschema@.steadytext_queue q set lease_expires_at = v_now + interval '10 minutes' where q.request_id = v_id;
    end;
  end loop;
end
$$;

revoke all on function @privschema@.rescue_requests from public;
comment on function @privschema@.rescue_requests is
  'Takes back requests whose lease is over; gives their new statuses.';
