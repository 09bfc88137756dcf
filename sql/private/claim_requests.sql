-- Leases pending requests to a worker: for each request type and model up to the number it has room for. Fair between
-- users, by priority within one. The update is in the `id = any (array)` form only: joined to a sub-select with a
-- limit parameter its generic plan scans the whole table (6.87 ms against 0.08 ms at 50 k rows; 35 k/s against 63 k/s
-- in batches of 1000).
create or replace function @privschema@.claim_requests(
  p_worker_id uuid, p_request_types text[], p_models text[], p_limits int[], p_lease_seconds real default 30,
  p_isolated_limit int default null, p_largest real[] default null, p_large_limits int[] default null)
returns table (
  request_id uuid, lease_token bigint, request_type text, model text, prompt text, params jsonb, user_id int, retry_count int,
  isolated boolean, input_tokens real, traceparent text, cache_key text)
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
  v_ids uuid[];
  v_started_at timestamptz;
  v_lease_expires_at timestamptz;
begin
  -- The request waits for this commit, and nobody is promised anything by it: it need not reach the disk. A claim that a
  -- crash of the server undoes leaves the request pending; whoever had it is fenced by its name, if not by its token, and
  -- a settle that reached the disk brought its claim along.
  perform @privschema@.check_lease(p_lease_seconds), set_config('synchronous_commit', 'off', true);
  -- A paused fleet begins nothing, whichever worker asks, and whenever that was started.
  if exists (select from @extschema@.steadytext_settings s where s.name = 'enable_daemon' and s.value = 'false') then
    return;
  end if;
  v_ids := @privschema@.choose_requests(
    p_worker_id, p_request_types, p_models, p_limits, p_isolated_limit, p_largest, p_large_limits);
  if v_ids = '{}' then
    return;
  end if;
  -- Once a claim and not once a row: 3 % of its CPU.
  v_started_at := clock_timestamp();
  v_lease_expires_at := v_started_at + make_interval(secs => p_lease_seconds);
  -- For one request nothing is put in order: a twentieth of its claim.
  if cardinality(v_ids) = 1 then
    return query
      update @extschema@.steadytext_queue q
      set status = 'processing', runnable = false, lease_token = q.lease_token + 1, leased_by = p_worker_id,
          started_at = v_started_at, lease_expires_at = v_lease_expires_at
      where q.request_id = v_ids[1]
      returning q.request_id, q.lease_token, q.request_type, q.model, q.prompt, q.params, q.user_id, q.retry_count, q.isolated,
                @privschema@.tokens_read(q.cost_estimate, q.params), q.traceparent, q.cache_key;
    return;
  end if;
  return query
    with claimed as (
      update @extschema@.steadytext_queue q
      set status = 'processing', runnable = false, lease_token = q.lease_token + 1, leased_by = p_worker_id,
          started_at = v_started_at, lease_expires_at = v_lease_expires_at
      where q.request_id = any (v_ids)
      returning q.request_id, q.lease_token, q.request_type, q.model, q.prompt, q.params, q.user_id, q.retry_count,
                q.isolated, q.cost_estimate, q.traceparent, q.cache_key, q.priority, q.scheduled_at, q.id
    )
    select c.request_id, c.lease_token, c.request_type, c.model, c.prompt, c.params, c.user_id, c.retry_count,
           c.isolated, @privschema@.tokens_read(c.cost_estimate, c.params), c.traceparent, c.cache_key
    from claimed c
    order by c.priority desc, c.scheduled_at, c.id;
end
$$;

revoke all on function @privschema@.claim_requests from public;
comment on function @privschema@.claim_requests is
  'Leases pending requests to a worker, up to a limit for each request type and model.';
