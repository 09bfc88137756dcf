-- Which rows a claim takes, of all request types and models that it asks for.
-- A claim is at most 32 MB of input, divided between its types and models, and at least a row of each: so that what a
-- worker holds in memory is bounded by us and not by what users send.
-- Isolated requests have a limit of their own beside these, over all types and models together: a worker runs few of them
-- at once, and what it cannot begin soon is for other workers. Null is none. A claim goes through types and models in one order:
-- where the last place has gone to one of them the worker leaves that one out of the next claim that has a place (claim-loop.ts).
-- So have the large ones of each type and model, those whose input is above p_largest tokens: a few of them take as long as
-- a whole claim of others, which would wait for them. Null is none, and where p_largest is no bound nothing is large.
create or replace function @privschema@.choose_requests(
  p_worker_id uuid, p_request_types text[], p_models text[], p_limits int[], p_isolated_limit int, p_largest real[],
  p_large_limits int[], out request_ids uuid[])
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_order int[] := array[array_lower(p_limits, 1)];
  v_n int;
  v_locked record;
  v_bytes bigint := 33554432 / greatest(1, cardinality(p_limits));
  v_isolated_left int := coalesce(p_isolated_limit, 2147483647);
begin
  request_ids := array[]::uuid[];
  -- In one order in every claim, so that two of the same worker charge users in the same order.
  if cardinality(p_limits) > 1 then
    v_order := array(select n from generate_subscripts(p_limits, 1) as n order by p_request_types[n], p_models[n]);
  end if;
  foreach v_n in array v_order loop
    continue when (p_limits[v_n] > 0) is not true;
    v_locked := @privschema@.choose_rows(
      p_worker_id, p_request_types[v_n], p_models[v_n], p_limits[v_n], v_bytes, v_isolated_left,
      coalesce(p_largest[v_n], 'infinity'),
      coalesce(case when p_largest[v_n] < 'infinity' then p_large_limits[v_n] end, 2147483647));
    request_ids := request_ids || v_locked.request_ids;
    v_isolated_left := v_locked.isolated_left;
  end loop;
end
$$;

revoke all on function @privschema@.choose_requests from public;
comment on function @privschema@.choose_requests is 'Locks the rows that a claim takes.';
