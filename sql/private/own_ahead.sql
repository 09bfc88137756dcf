-- How many of a user's own requests would run before a new one: what runs now, and what waits of its priority or above.
create or replace function @privschema@.own_ahead(p_user_id int, p_request_type text, p_model text, p_priority int)
returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  select (
    select count(*) from @extschema@.steadytext_queue q
    where q.status = 'pending' and q.runnable and q.request_type = p_request_type and q.model = p_model and q.user_id = p_user_id
      and q.priority >= p_priority
  ) + (
    select count(*) from @extschema@.steadytext_queue q
    where q.status = 'processing' and q.request_type = p_request_type and q.model = p_model and q.user_id = p_user_id)
$$;

revoke all on function @privschema@.own_ahead from public;
comment on function @privschema@.own_ahead is 'How many of a user''s requests would run before a new one.';
