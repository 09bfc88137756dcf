-- Locks up to a quota of runnable rows of each user, in the user's own order: higher priority first, then what was
-- due first. Rows that another claim has locked are passed over, never waited for. p_taken are rows this claim holds
-- already, which its own locks would not hide. Where these rows are more than p_bytes_left, only the first of each user's
-- are given, evenly; the others are free again when the claim commits. So are isolated rows above p_isolated_left, of which
-- each user's first goes before anybody's second; where that is 0 they are passed over, and the rows behind them come in
-- their place.
create or replace function @privschema@.lock_runnable(
  p_request_type text, p_model text, p_user_ids int[], p_quotas int[], p_taken uuid[], p_bytes_left bigint,
  p_isolated_left int,
  out request_ids uuid[], out user_ids int[], out costs real[], out bytes_left bigint, out isolated_left int)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bytes int[];
  v_isolated boolean[];
  v_alone bigint;
begin
  select array_agg(c.request_id), array_agg(u.user_id), array_agg(c.cost_estimate), array_agg(c.input_bytes),
         array_agg(c.isolated), p_bytes_left - coalesce(sum(c.input_bytes), 0), count(*) filter (where c.isolated)
  into request_ids, user_ids, costs, v_bytes, v_isolated, bytes_left, v_alone
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
  where u.quota > 0;
  if v_alone > p_isolated_left then
    select array_agg(o.request_id order by o.position), array_agg(o.user_id order by o.position),
           array_agg(o.cost order by o.position), array_agg(o.bytes order by o.position),
           array_agg(o.isolated order by o.position), p_bytes_left - coalesce(sum(o.bytes), 0)
    into request_ids, user_ids, costs, v_bytes, v_isolated, bytes_left
    from (
      select t.*, row_number() over (partition by t.isolated order by t.turn, t.position) as place
      from (
        select r.*, row_number() over (partition by r.isolated, r.user_id order by r.position) as turn
        from unnest(request_ids, user_ids, costs, v_bytes, v_isolated) with ordinality
          as r (request_id, user_id, cost, bytes, isolated, position)
      ) as t
    ) as o
    where not o.isolated or o.place <= p_isolated_left;
    v_alone := p_isolated_left;
  end if;
  if bytes_left < 0 then
    select f.request_ids, f.user_ids, f.costs, f.isolated into request_ids, user_ids, costs, v_alone
    from @privschema@.rows_that_fit(request_ids, user_ids, costs, v_bytes, v_isolated, p_bytes_left) as f;
  end if;
  isolated_left := p_isolated_left - v_alone;
end
$$;

revoke all on function @privschema@.lock_runnable from public;
comment on function @privschema@.lock_runnable is
  'Locks each user''s first runnable rows up to a quota; gives ids with users, costs and what is still free.';
