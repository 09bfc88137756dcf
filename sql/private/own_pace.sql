-- Seconds from one of a user's requests of a type and model to the next, in the last quarter of an hour, while there were any: the time
-- in which at least one waited or ran, over how many ended. Null where none ended, or none among the last 5,000 of all users, beyond
-- which it does not look. What came from the cache does not count.
create or replace function @privschema@.own_pace(p_user_id int, p_request_type text, p_model text)
returns double precision
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  with lately as (
    select q.user_id, q.request_type, q.model, q.lease_token, q.completed_at, greatest(q.created_at, q.scheduled_at) as due_at
    from @extschema@.steadytext_queue q
    where q.completed_at > clock_timestamp() - interval '15 minutes'
    order by q.completed_at desc
    limit 5000
  ), own as (
    select l.due_at, l.completed_at,
           max(l.completed_at) over (order by l.due_at, l.completed_at rows between unbounded preceding and 1 preceding) as busy_until
    from lately l
    where l.user_id = p_user_id and l.request_type = p_request_type and l.model = p_model and l.lease_token > 0
  )
  select sum(greatest(0, extract(epoch from o.completed_at - greatest(o.due_at, o.busy_until)))) / count(*) from own o
$$;

revoke all on function @privschema@.own_pace from public;
comment on function @privschema@.own_pace is 'Seconds that each of a user''s requests has taken lately, one with another.';
