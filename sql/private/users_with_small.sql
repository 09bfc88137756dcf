-- Of some users those who have a request that is not large among their first ones: the others have nothing for a claim that takes no
-- large one, and would stand first in its every round. Looked at are 256 beside those wanted, of more than ten users
-- fewer: a thousand rows take a millisecond or two.
create or replace function @privschema@.users_with_small(
  p_request_type text, p_model text, p_user_ids int[], p_limit int, p_largest real)
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
          and q.status = 'pending' and q.runnable
        order by q.priority desc, q.scheduled_at, q.id
        limit p_limit + greatest(16, 2560 / greatest(10, cardinality(p_user_ids)))) as w
      where @privschema@.tokens_read(w.cost_estimate, w.params) <= p_largest));
end
$$;

revoke all on function @privschema@.users_with_small from public;
comment on function @privschema@.users_with_small is 'Users who have more than large requests to run.';
