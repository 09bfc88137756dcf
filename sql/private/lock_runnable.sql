-- Locks up to a quota of runnable rows of each user, in the user's own order: higher priority first, then what was
-- due first. Rows that another claim has locked are passed over, never waited for. p_taken are rows this claim holds
-- already, which its own locks would not hide. Where these rows are more than p_bytes_left, only the first of each user's
-- are given, evenly; the others are free again when the claim commits. So are isolated rows above p_isolated_left;
-- where that is 0 they are passed over, and the rows behind them come in their place.
create or replace function @privschema@.lock_runnable(
  p_request_type text, p_model text, p_user_ids int[], p_quotas int[], p_taken uuid[], p_bytes_left bigint,
  p_isolated_left int,
  out request_ids uuid[], out user_ids int[], out costs real[], out bytes_left bigint, out isolated_left int)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bytes int[];
begin
  select array_agg(r.request_id), array_agg(r.user_id), array_agg(r.cost_estimate), array_agg(r.input_bytes),
         p_bytes_left - coalesce(sum(r.input_bytes), 0), p_isolated_left - count(*) filter (where r.isolated)
  into request_ids, user_ids, costs, v_bytes, bytes_left, isolated_left
  from (
    select u.user_id, c.*, count(*) filter (where c.isolated) over (rows unbounded preceding) as isolated_so_far
    from unnest(p_user_ids, p_quotas) as u (user_id, quota)
    cross join lateral (
      select q.request_id, q.cost_estimate, q.input_bytes, q.isolated
      from @extschema@.steadytext_queue q
      where q.request_type = p_request_type and q.model = p_model and q.user_id = u.user_id
        and q.status = 'pending' and q.runnable and (p_isolated_left > 0 or not q.isolated)
        and q.request_id <> all (p_taken)
      order by q.priority desc, q.scheduled_at, q.id
      limit u.quota
      for update of q skip locked) as c
    where u.quota > 0) as r
  where not r.isolated or r.isolated_so_far <= p_isolated_left;
  if bytes_left < 0 then
    select f.request_ids, f.user_ids, f.costs into request_ids, user_ids, costs
    from @privschema@.rows_that_fit(request_ids, user_ids, costs, v_bytes, p_bytes_left) as f;
  end if;
end
$$;

revoke all on function @privschema@.lock_runnable from public;
comment on function @privschema@.lock_runnable is
  'Locks each user''s first runnable rows up to a quota; gives ids with users, costs and what is still free.';
