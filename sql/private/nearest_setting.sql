-- The setting whose name shares most pairs of letters with a mistaken one, to ask whether it was meant; null where none shares any.
create or replace function @privschema@.nearest_setting(p_name text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select s.name
  from @extschema@.steadytext_settings s
  cross join lateral (
    select count(*) as pairs
    from (
      select substr(s.name, i, 2) from generate_series(1, length(s.name) - 1) as i
      intersect
      select substr(left(p_name, 100), i, 2) from generate_series(1, length(left(p_name, 100)) - 1) as i) as common
  ) as shared
  where shared.pairs > 0
  order by shared.pairs::real / (length(s.name) + length(left(p_name, 100))) desc, s.name
  limit 1
$$;

revoke all on function @privschema@.nearest_setting from public;
comment on function @privschema@.nearest_setting is 'The setting whose name is most like a given one.';
