-- Fair shares of p_rows rows between users, as pure arithmetic: a user's virtual time is work done ÷ weight, its rate
-- how many rows bring it forward by one. Rows go where time is lowest, until all who got any stand level (as water
-- fills a vessel). What whole rows leave over goes to who stands lowest then, and not to who has the largest fraction left: of
-- a dear request that is always a small one, and its user would never be served in claims of one row. The sum is always p_rows.
-- Times 0, 0 and rates 1, 1: 10 rows are 5 and 5 · rates 2, 1: 9 are 6 and 3 · times 0, 4 and rates 1, 1: 6 are 5 and
-- 1 · times 0, 100: 6 are 6 and 0 · one row, times 1, 0: 0 and 1.
create or replace function @privschema@.divide_rows(
  p_rows int, p_virtual_times double precision[], p_rates double precision[])
returns int[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    with users as (
      select u.position, u.virtual_time, u.rate,
             sum(u.rate) over so_far as rates, sum(u.rate * u.virtual_time) over so_far as filled
      from unnest(p_virtual_times, p_rates) with ordinality as u (virtual_time, rate, position)
      window so_far as (order by u.virtual_time, u.position)
    ), level as (
      select min((p_rows + u.filled) / u.rates) as virtual_time from users u
    ), shares as (
      select u.position, u.virtual_time, u.rate, greatest(0, (l.virtual_time - u.virtual_time) * u.rate) as share
      from users u cross join level l
    ), ranked as (
      select s.position, floor(s.share)::int as whole,
             row_number() over (order by s.virtual_time + floor(s.share) / s.rate, s.position) as remainder_rank,
             p_rows - sum(floor(s.share)) over () as left_over
      from shares s
    )
    select r.whole + (r.remainder_rank <= r.left_over)::int from ranked r order by r.position);
end
$$;

revoke all on function @privschema@.divide_rows from public;
comment on function @privschema@.divide_rows is
  'Shares of a number of rows between users that bring their virtual times level.';
