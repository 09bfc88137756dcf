-- Extends the leases a worker still holds and tells which these are; a missing id is lost (cancelled, or rescued for
-- another worker). Waits for nobody: a row that is locked this moment, by our own settle or by a cancel that has not
-- committed, is reported as held though not extended, and the next renewal tells more. (Held means leased_by: see
-- write_outcomes.)
create or replace function @privschema@.renew_leases(
  p_worker_id uuid, p_request_ids uuid[], p_lease_tokens bigint[], p_lease_seconds real default 30)
returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
begin
  perform @privschema@.check_lease(p_lease_seconds);
  return query
    with held as (
      select q.request_id
      from unnest(p_request_ids, p_lease_tokens) as l (request_id, lease_token)
      join @extschema@.steadytext_queue q on q.request_id = l.request_id
      where q.lease_token = l.lease_token and q.leased_by = p_worker_id
    ), renewed as (
      update @extschema@.steadytext_queue q
      set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
      where q.request_id = any (array(
        select r.request_id
        from @extschema@.steadytext_queue r
        where r.request_id = any (array(select h.request_id from held h)) and r.leased_by = p_worker_id
        for update skip locked))
    )
    select h.request_id from held h;
end
$$;

revoke all on function @privschema@.renew_leases from public;
comment on function @privschema@.renew_leases is 'Extends leases; gives the ids that are still held.';
