-- What steadytext_cache_stats gives, apart, so that views of ours do not depend on a function that the compatibility layer replaces.
create or replace function @privschema@.cache_figures()
returns table (cache_type text, entry_count bigint, hit_count bigint, miss_count bigint, hit_rate numeric, cache_size_bytes bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select t.cache_type, coalesce(e.entries, 0), t.hit_count, t.miss_count,
           round(t.hit_count::numeric / nullif(t.hit_count + t.miss_count, 0), 4), coalesce(e.bytes, 0)
    from @privschema@.cache_totals t
    left join (
      select c.cache_type, count(*) as entries, sum(c.entry_bytes)::bigint as bytes
      from @extschema@.steadytext_cache c
      group by c.cache_type
    ) e on e.cache_type = t.cache_type
    order by t.cache_type;
end
$$;

revoke all on function @privschema@.cache_figures from public;
comment on function @privschema@.cache_figures is 'What steadytext_cache_stats gives.';
