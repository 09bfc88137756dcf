-- Which rows a claim takes. While several users wait: start-time fair queueing, kept by each worker for itself. A
-- user's virtual time advances by cost ÷ weight; whoever was away starts at the present time (the latest start of a
-- share), so absence earns no credit and costs none. Worker-local times need no lock between workers, and as every
-- worker splits its own work by weight, so does the fleet. What a user could not use of its share goes to the others
-- in a further round.
create or replace function @privschema@.choose_fairly(
  p_worker_id uuid, p_request_type text, p_model text, p_user_ids int[], p_limit int,
  p_bytes bigint, p_isolated_left int, p_largest real, p_large_limit int, out request_ids uuid[], out isolated_left int)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clock record;
  v_alone boolean := cardinality(p_user_ids) = 1;
  v_users int[]; v_quotas int[];
  v_times double precision[];
  v_round record;
  v_charged int[] := array[]::int[];
  v_costs real[] := array[]::real[];
begin
  if p_large_limit <= 0 or p_isolated_left <= 0 then
    p_user_ids := @privschema@.users_with_takeable(
      p_request_type, p_model, p_user_ids, p_limit, p_isolated_left,
      case when p_large_limit > 0 then 'infinity' else p_largest end);
  end if;
  request_ids := array[]::uuid[];
  isolated_left := p_isolated_left;
  if p_user_ids = '{}' then return;
  elsif v_alone then
    -- Nobody waits to be fair to.
    v_round := @privschema@.lock_runnable(
      p_request_type, p_model, p_user_ids, array[p_limit], '{}', p_bytes, p_isolated_left, p_largest, p_large_limit);
    if v_round.costs is not null then
      perform @privschema@.charge_alone(p_worker_id, p_request_type, p_model, p_user_ids[1], v_round.costs[1]);
    end if;
    request_ids := coalesce(v_round.request_ids, '{}');
    isolated_left := v_round.isolated_left;
    return;
  end if;
  v_clock := @privschema@.read_virtual_times(p_worker_id, p_request_type, p_model, p_user_ids);
  v_users := v_clock.user_ids;
  v_times := v_clock.virtual_times;
  -- Three rounds: the first nearly always suffices, and what is left after the third waits for the next claim.
  for v_attempt in 1 .. 3 loop
    v_quotas := @privschema@.divide_rows(p_limit - cardinality(request_ids), v_times, v_clock.rates);
    v_round := @privschema@.lock_runnable(
      p_request_type, p_model, v_users, v_quotas, request_ids, p_bytes, isolated_left, p_largest, p_large_limit);
    request_ids := request_ids || coalesce(v_round.request_ids, '{}');
    v_charged := v_charged || coalesce(v_round.user_ids, '{}');
    v_costs := v_costs || coalesce(v_round.costs, '{}');
    p_bytes := v_round.bytes_left;
    isolated_left := v_round.isolated_left;
    p_large_limit := v_round.large_left;
    exit when cardinality(request_ids) = p_limit or p_bytes <= 0;
    -- Who got less than its quota has no more, but perhaps isolated or large ones, which the next claim passes over; the others
    -- go on from where this round brought them.
    select array_agg(u.user_id), array_agg(u.virtual_time + u.quota / u.rate), array_agg(u.rate)
    into v_users, v_times, v_clock.rates
    from unnest(v_users, v_times, v_clock.rates, v_quotas) as u (user_id, virtual_time, rate, quota)
    where (select count(*) from unnest(v_round.user_ids) as r (user_id) where r.user_id = u.user_id) = u.quota;
    exit when v_users is null;
  end loop;
  perform @privschema@.charge_virtual_times(p_worker_id, p_request_type, p_model, v_charged, v_costs, v_clock.user_ids, v_clock.virtual_times);
end
$$;

revoke all on function @privschema@.choose_fairly from public;
comment on function @privschema@.choose_fairly is
  'Locks rows of several users in shares by their weights, and charges the users for them.';
