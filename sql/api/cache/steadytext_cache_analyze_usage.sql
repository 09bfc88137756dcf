-- How old what is kept is, and how often it was given.
create or replace function @extschema@.steadytext_cache_analyze_usage()
returns table (age_bucket text, entry_count bigint, avg_access_count double precision, total_size_mb double precision,
  percentage_of_cache double precision)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select b.name, count(e.id), coalesce(round(avg(e.access_count), 3), 0)::double precision,
           round(coalesce(sum(e.entry_bytes), 0) / 1048576.0, 3)::double precision,
           coalesce(round(100.0 * count(e.id) / nullif(sum(count(e.id)) over (), 0), 2), 0)::double precision
    from (values
      (1, '< 1 hour', interval '0', interval '1 hour'), (2, '1 hour - 1 day', interval '1 hour', interval '1 day'),
      (3, '1 day - 7 days', interval '1 day', interval '7 days'), (4, '7 days - 30 days', interval '7 days', interval '30 days'),
      (5, '> 30 days', interval '30 days', null)) as b (place, name, from_age, to_age)
    left join @extschema@.steadytext_cache e
      on e.created_at <= statement_timestamp() - b.from_age
      and (b.to_age is null or e.created_at > statement_timestamp() - b.to_age)
    group by b.place, b.name
    order by b.place;
end
$$;

revoke all on function @extschema@.steadytext_cache_analyze_usage from public;
comment on function @extschema@.steadytext_cache_analyze_usage is 'Kept results by age: how many, how often given, how large.';
