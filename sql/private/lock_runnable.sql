-- Locks up to a quota of runnable rows of each user, in the user's own order: higher priority first, then what was
-- due first. Rows that another claim has locked are passed over, never waited for. p_taken are rows this claim holds
-- already, which its own locks would not hide.
create or replace function @privschema@.lock_runnable(
  p_request_type text, p_model text, p_user_ids int[], p_quotas int[], p_taken bigint[],
  out ids bigint[], out user_ids int[], out costs real[])
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  select array_agg(c.id), array_agg(u.user_id), array_agg(c.cost_estimate)
  into ids, user_ids, costs
  from unnest(p_user_ids, p_quotas) as u (user_id, quota)
  cross join lateral (
    select q.id, q.cost_estimate
    from @extschema@.steadytext_queue q
    where q.request_type = p_request_type and q.model = p_model and q.user_id = u.user_id
      and q.status = 'pending' and q.runnable and q.id <> all (p_taken)
    order by q.priority desc, q.scheduled_at, q.id
    limit u.quota
    for update of q skip locked) as c
  where u.quota > 0;
end
$$;

revoke all on function @privschema@.lock_runnable from public;
comment on function @privschema@.lock_runnable is
  'Locks each user''s first runnable rows up to a quota; gives ids with users and costs.';
