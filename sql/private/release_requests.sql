-- Hands back what was claimed and will not be run here: pending at once, in its old place, no attempt used. The lease
-- token stays, so the next claim has a higher one and whoever still works on it here is fenced. (Held means
-- leased_by: see write_outcomes.)
-- p_isolate is for what was in an engine that died, with others beside it: one of them may have killed it, and which one
-- shows when each runs alone. A request goes this way once. One that has to run alone already is not handed back: who
-- holds it settles it, and that counts, so that nothing goes round for ever.
-- A claim with a snapshot from before ours locks a row of ours until it commits, only to see that it is not pending any
-- more: right after claims beside others that was one row in a hundred, and a row that is passed over costs an attempt
-- when its lease has ended. So it waits first, in the order in which settles lock; each row for a quarter of a second
-- at most, and what a user's transaction holds for longer is not handed back.
create or replace function @privschema@.release_requests(
  p_worker_id uuid, p_request_ids uuid[], p_lease_tokens bigint[], p_isolate boolean default false)
returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
set lock_timeout = '250ms'
as $$
begin
  begin
    perform from @extschema@.steadytext_queue q
    where q.request_id = any (p_request_ids) and q.leased_by = p_worker_id
    order by q.request_id
    for update;
  exception when lock_not_available then
    null;
  end;
  return query
    update @extschema@.steadytext_queue q
    set status = 'pending', runnable = true, isolated = q.isolated or p_isolate, leased_by = null,
        lease_expires_at = null
    where q.request_id = any (array(
      select r.request_id
      from unnest(p_request_ids, p_lease_tokens) as l (request_id, lease_token)
      join @extschema@.steadytext_queue r on r.request_id = l.request_id
      where r.lease_token = l.lease_token and r.leased_by = p_worker_id and not (p_isolate and r.isolated)
      for update of r skip locked))
    returning q.request_id;
  if found then
    perform @privschema@.notify_queue();
  end if;
end
$$;

revoke all on function @privschema@.release_requests from public;
comment on function @privschema@.release_requests is
  'Hands claimed requests back unused, to be run alone if so wished; gives the ids that were handed back.';
