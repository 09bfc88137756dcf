-- Of rows that are too many for a worker, those it may take: of isolated ones and of large ones so many, each user's first before anybody's second; of all these the first of each user, in proportion to how many rows the user
-- has here, up to the one that fills the room in bytes. The first row always fits, however many bytes it has.
create or replace function @privschema@.rows_that_fit(
  p_request_ids uuid[], p_user_ids int[], p_costs real[], p_bytes int[], p_isolated boolean[], p_large boolean[],
  p_room bigint, p_isolated_left int, p_large_left int,
  out request_ids uuid[], out user_ids int[], out costs real[], out bytes bigint, out isolated bigint, out large bigint)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with requests as (
    select r.*
    from unnest(p_request_ids, p_user_ids, p_costs, p_bytes, p_isolated, p_large) with ordinality
      as r (request_id, user_id, cost, bytes, is_isolated, is_large, position)
  ), turns as (
    select r.*, row_number() over (partition by r.is_isolated, r.user_id order by r.position) as isolated_turn,
           row_number() over (partition by r.is_large, r.user_id order by r.position) as large_turn
    from requests r
  ), places as (
    select t.*, row_number() over (partition by t.is_isolated order by t.isolated_turn, t.position) as isolated_place,
           row_number() over (partition by t.is_large order by t.large_turn, t.position) as large_place
    from turns t
  ), shares as (
    select p.*, (row_number() over (partition by p.user_id order by p.position))::double precision
      / count(*) over (partition by p.user_id) as share
    from places p
    where (not p.is_isolated or p.isolated_place <= p_isolated_left) and (not p.is_large or p.large_place <= p_large_left)
  ), ordered as (
    select s.*, sum(s.bytes) over (order by s.share, s.position) - s.bytes as bytes_before from shares s
  )
  select array_agg(o.request_id order by o.position), array_agg(o.user_id order by o.position),
         array_agg(o.cost order by o.position), coalesce(sum(o.bytes), 0), count(*) filter (where o.is_isolated),
         count(*) filter (where o.is_large)
  from ordered o
  where o.bytes_before < p_room
$$;

revoke all on function @privschema@.rows_that_fit from public;
comment on function @privschema@.rows_that_fit is 'Rows of a claim up to what is left of bytes, isolated and large ones, evenly between users.';
