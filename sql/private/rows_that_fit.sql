-- Of rows that are too many bytes for a worker, those it may take: the first of each user, in proportion to how many
-- rows the user has here, up to the one that fills the room. The first row always fits, however large it is.
create or replace function @privschema@.rows_that_fit(
  p_request_ids uuid[], p_user_ids int[], p_costs real[], p_bytes int[], p_isolated boolean[], p_room bigint,
  out request_ids uuid[], out user_ids int[], out costs real[], out isolated bigint)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with requests as (
    select r.*, (row_number() over (partition by r.user_id order by r.position))::double precision
      / count(*) over (partition by r.user_id) as share
    from unnest(p_request_ids, p_user_ids, p_costs, p_bytes, p_isolated) with ordinality
      as r (request_id, user_id, cost, bytes, isolated, position)
  ), ordered as (
    select r.*, sum(r.bytes) over (order by r.share, r.position) - r.bytes as bytes_before from requests r
  )
  select array_agg(o.request_id order by o.position), array_agg(o.user_id order by o.position),
         array_agg(o.cost order by o.position), count(*) filter (where o.isolated)
  from ordered o
  where o.bytes_before < p_room
$$;

revoke all on function @privschema@.rows_that_fit from public;
comment on function @privschema@.rows_that_fit is 'Rows of a claim up to a number of bytes, evenly between users; and how many of them are isolated.';
