-- Locks up to a quota of runnable rows of each user, in the user's own order: higher priority first, then what was
-- due first. Rows that another claim has locked are passed over, never waited for. p_taken are rows this claim holds
-- already, which its own locks would not hide. Of rows beyond what is left of bytes, isolated ones and large ones (of an input
-- above p_largest tokens) only some are given (rows_that_fit); the others are free again when the claim commits. Where no isolated or
-- no large one is left at all they are passed over, and the rows behind them come in their place: of large ones up to 256, so
-- that a claim does not walk past thousands.
create or replace function @privschema@.lock_runnable(
  p_request_type text, p_model text, p_user_ids int[], p_quotas int[], p_taken uuid[], p_bytes_left bigint,
  p_isolated_left int, p_largest real, p_large_left int,
  out request_ids uuid[], out user_ids int[], out costs real[], out bytes_left bigint, out isolated_left int,
  out large_left int)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bytes int[]; v_isolated boolean[]; v_large boolean[];
begin
  if p_large_left > 0 then
    select array_agg(c.request_id), array_agg(u.user_id), array_agg(c.cost_estimate), array_agg(c.input_bytes), array_agg(c.isolated),
           array_agg(c.is_large), p_bytes_left - coalesce(sum(c.input_bytes), 0),
           p_isolated_left - count(*) filter (where c.isolated), p_large_left - count(*) filter (where c.is_large)
    into request_ids, user_ids, costs, v_bytes, v_isolated, v_large, bytes_left, isolated_left, large_left
    from unnest(p_user_ids, p_quotas) as u (user_id, quota)
    cross join lateral (
      select q.request_id, q.cost_estimate, q.input_bytes, q.isolated,
             @privschema@.tokens_read(q.cost_estimate, q.params) > p_largest as is_large
      from @extschema@.steadytext_queue q
      where q.request_type = p_request_type and q.model = p_model and q.user_id = u.user_id
        and q.status = 'pending' and q.runnable and (p_isolated_left > 0 or not q.isolated)
        and q.request_id <> all (p_taken)
      order by q.priority desc, q.scheduled_at, q.id
      limit u.quota
      for update of q skip locked) as c where u.quota > 0;
  else
    select array_agg(c.request_id), array_agg(u.user_id), array_agg(c.cost_estimate), array_agg(c.input_bytes), array_agg(c.isolated),
           array_agg(false), p_bytes_left - coalesce(sum(c.input_bytes), 0),
           p_isolated_left - count(*) filter (where c.isolated), 0
    into request_ids, user_ids, costs, v_bytes, v_isolated, v_large, bytes_left, isolated_left, large_left
    from unnest(p_user_ids, p_quotas) as u (user_id, quota)
    cross join lateral (
      select q.request_id, q.cost_estimate, q.input_bytes, q.isolated
      from @extschema@.steadytext_queue q
      where q.request_id = any (array(
          select w.request_id
          from @extschema@.steadytext_queue w
          where w.request_type = p_request_type and w.model = p_model and w.user_id = u.user_id
            and w.status = 'pending' and w.runnable and (p_isolated_left > 0 or not w.isolated)
          order by w.priority desc, w.scheduled_at, w.id
          limit u.quota + 256))
        and q.status = 'pending' and q.runnable and q.request_id <> all (p_taken)
        and @privschema@.tokens_read(q.cost_estimate, q.params) <= p_largest
      order by q.priority desc, q.scheduled_at, q.id
      limit u.quota
      for update of q skip locked) as c where u.quota > 0;
  end if;
  if bytes_left < 0 or isolated_left < 0 or large_left < 0 then
    select f.request_ids, f.user_ids, f.costs, p_bytes_left - f.bytes, p_isolated_left - f.isolated, p_large_left - f.large
    into request_ids, user_ids, costs, bytes_left, isolated_left, large_left
    from @privschema@.rows_that_fit(
      request_ids, user_ids, costs, v_bytes, v_isolated, v_large, p_bytes_left, p_isolated_left, p_large_left) as f;
  end if;
end
$$;

revoke all on function @privschema@.lock_runnable from public;
comment on function @privschema@.lock_runnable is
  'Locks each user''s first runnable rows up to a quota; gives ids with users, costs and what is still free.';
