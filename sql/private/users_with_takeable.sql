-- Of some users those who have a request among their first ones that a claim may take, where it takes no large ones (of an input
-- above p_largest tokens) or no isolated ones: the others have nothing for it, and would stand first in its every round.
-- Looked at are 256 beside those wanted, of more than ten users fewer: a thousand rows take a millisecond or two.
create or replace function @privschema@.users_with_takeable(
  p_request_type text, p_model text, p_user_ids int[], p_limit int, p_isolated_left int, p_largest real)
returns int[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select u.user_id
    from unnest(p_user_ids) as u (user_id)
    where exists (
      select from (
        select q.cost_estimate, q.params
        from @extschema@.steadytext_queue q
        where q.request_type = p_request_type and q.model = p_model and q.user_id = u.user_id
          and q.status = 'pending' and q.runnable and (p_isolated_left > 0 or not q.isolated)
        order by q.priority desc, q.scheduled_at, q.id
        limit p_limit + greatest(16, 2560 / greatest(10, cardinality(p_user_ids)))) as w
      where @privschema@.tokens_read(w.cost_estimate, w.params) <= p_largest));
end
$$;

revoke all on function @privschema@.users_with_takeable from public;
comment on function @privschema@.users_with_takeable is 'Users who have something that a claim of some kinds only may take.';
