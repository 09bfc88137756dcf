-- Hands back what this worker's engines have no room for while another worker that lives has more: it waits a second and
-- goes to whoever claims it then, behind its user's others, with no attempt used. Workers of one model should hold equally
-- much, so this is the exception: the same worker may get it again, when it looks again whether there is still another one. It
-- ends when the one with the most room has it, or has gone: then it is not taken here, and who holds it settles it as
-- failed. One that drains counts, and one that has left in order for a minute more: in a deployment its successor is on its
-- way, which takes 5 to 10 s with a warm cache of models and a minute where they are fetched first. One that was killed
-- counts for the thirty seconds of its last heartbeat. What our own row does not say of a model, as while an engine starts
-- anew, any other worker may have more of.
-- Waits for a row that a user's transaction holds, and raises when that takes long: not taken means that nobody has room.
create or replace function @privschema@.hand_over_requests(
  p_worker_id uuid, p_request_ids uuid[], p_lease_tokens bigint[])
returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
set lock_timeout = '250ms'
as $$
declare
  v_models text[] := array(
    select theirs.name
    from (
      select s.worker_id, s.name, s.max_tokens from @privschema@.served_models() s
      union all
      select r.worker_id, m.name, m.max_tokens
      from @privschema@.retired_workers r
      cross join jsonb_to_recordset(r.models) as m (name text, max_tokens int)
      where r.retired_at > clock_timestamp() - interval '1 minute') theirs
    where theirs.worker_id <> p_worker_id and theirs.max_tokens > coalesce((
      select max(ours.max_tokens)
      from @extschema@.steadytext_workers w
      cross join jsonb_to_recordset(w.models) as ours (name text, max_tokens int)
      where w.worker_id = p_worker_id and ours.name = theirs.name), 0));
begin
  return query
    update @extschema@.steadytext_queue q
    set status = 'pending', scheduled_at = clock_timestamp() + interval '1 second', leased_by = null,
        lease_expires_at = null
    where q.request_id = any (array(
      select r.request_id
      from unnest(p_request_ids, p_lease_tokens) as l (request_id, lease_token)
      join @extschema@.steadytext_queue r on r.request_id = l.request_id
      where r.lease_token = l.lease_token and r.leased_by = p_worker_id and r.model = any (v_models)
      order by r.request_id
      for update of r))
    returning q.request_id;
end
$$;

revoke all on function @privschema@.hand_over_requests from public;
comment on function @privschema@.hand_over_requests is
  'Hands claimed requests to workers with more room for their model, where there are any; gives the ids handed over.';
