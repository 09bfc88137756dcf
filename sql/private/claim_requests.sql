-- Leases pending requests to a worker: for each request type and model up to the number it has room for. Fair between
-- users, by priority within one. The update is in the `id = any (array)` form only: joined to a sub-select with a
-- limit parameter its generic plan scans the whole table (6.87 ms against 0.08 ms at 50 k rows; 35 k/s against 63 k/s
-- in batches of 1000).
-- A claim is at most 32 MB of input, divided between its types and models, and at least a row of each: so that what a
-- worker holds in memory is bounded by us and not by what users send.
-- Isolated requests have a limit of their own beside these, over all types and models together: a worker runs few of them
-- at once, and what it cannot begin soon is for other workers. Null is none. A claim goes through types and models in one order:
-- where the last place has gone to one of them the worker leaves that one out of the next claim that has a place (claim-loop.ts).
-- So have the large ones of each type and model, those whose input is above p_largest tokens: a few of them take as long as
-- a whole claim of others, which would wait for them. Null is none, and where p_largest is no bound nothing is large.
create or replace function @privschema@.claim_requests(
  p_worker_id uuid, p_request_types text[], p_models text[], p_limits int[], p_lease_seconds real default 30,
  p_isolated_limit int default null, p_largest real[] default null, p_large_limits int[] default null)
returns table (
  request_id uuid, lease_token bigint, request_type text, model text, prompt text, params jsonb, user_id int,
  retry_count int, isolated boolean, input_tokens real, traceparent text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Plans that follow the claim index, whatever the statistics say of a table that was empty a moment ago. What has to
-- be sorted all the same then looks so dear that PostgreSQL up to 17 would compile it.
set enable_seqscan = off
set enable_sort = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
declare
  v_demand record;
  v_locked record;
  v_ids uuid[] := array[]::uuid[];
  v_bytes bigint := 33554432 / greatest(1, cardinality(p_limits));
  v_isolated_left int := coalesce(p_isolated_limit, 2147483647);
  v_started_at timestamptz;
  v_lease_expires_at timestamptz;
begin
  perform @privschema@.check_lease(p_lease_seconds);
  -- The request waits for this commit, and nobody is promised anything by it: it need not reach the disk. A claim that a
  -- crash of the server undoes leaves the request pending; whoever had it is fenced by its name, if not by its token, and
  -- a settle that reached the disk brought its claim along.
  perform set_config('synchronous_commit', 'off', true);
  -- In one order in every claim, so that two of the same worker charge users in the same order.
  for v_demand in
    select d.* from unnest(p_request_types, p_models, p_limits, p_largest, p_large_limits)
      as d (request_type, model, row_limit, largest, large_limit)
    where d.row_limit > 0
    order by d.request_type, d.model
  loop
    v_locked := @privschema@.choose_rows(
      p_worker_id, v_demand.request_type, v_demand.model, v_demand.row_limit, v_bytes, v_isolated_left,
      coalesce(v_demand.largest, 'infinity'),
      coalesce(case when v_demand.largest < 'infinity' then v_demand.large_limit end, 2147483647));
    v_ids := v_ids || v_locked.request_ids;
    v_isolated_left := v_locked.isolated_left;
  end loop;
  -- Once a claim and not once a row: 3 % of its CPU.
  v_started_at := clock_timestamp();
  v_lease_expires_at := v_started_at + make_interval(secs => p_lease_seconds);
  return query
    with claimed as (
      update @extschema@.steadytext_queue q
      set status = 'processing', runnable = false, lease_token = q.lease_token + 1, leased_by = p_worker_id,
          started_at = v_started_at, lease_expires_at = v_lease_expires_at
      where q.request_id = any (v_ids)
      returning q.request_id, q.lease_token, q.request_type, q.model, q.prompt, q.params, q.user_id, q.retry_count,
                q.isolated, q.cost_estimate, q.traceparent, q.priority, q.scheduled_at, q.id
    )
    select c.request_id, c.lease_token, c.request_type, c.model, c.prompt, c.params, c.user_id, c.retry_count,
           c.isolated, @privschema@.tokens_read(c.cost_estimate, c.params), c.traceparent
    from claimed c
    order by c.priority desc, c.scheduled_at, c.id;
end
$$;

revoke all on function @privschema@.claim_requests from public;
comment on function @privschema@.claim_requests is
  'Leases pending requests to a worker, up to a limit for each request type and model.';
