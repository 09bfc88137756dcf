-- Hands back what was claimed and will not be run: pending at once, in its old place, no attempt used. The lease
-- token stays, so the next claim has a higher one and whoever still works on it here is fenced. (Held means
-- leased_by: see write_outcomes.)
create or replace function @privschema@.release_requests(p_worker_id uuid, p_ids bigint[], p_lease_tokens bigint[])
returns setof bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
begin
  return query
    update @extschema@.steadytext_queue q
    set status = 'pending', runnable = true, leased_by = null, lease_expires_at = null
    where q.id = any (array(
      select r.id
      from unnest(p_ids, p_lease_tokens) as l (id, lease_token)
      join @extschema@.steadytext_queue r on r.id = l.id
      where r.lease_token = l.lease_token and r.leased_by = p_worker_id
      for update of r skip locked))
    returning q.id;
  if found then
    perform @privschema@.notify_queue();
  end if;
end
$$;

revoke all on function @privschema@.release_requests from public;
comment on function @privschema@.release_requests is
  'Hands claimed requests back unused; gives the ids that were still held.';
