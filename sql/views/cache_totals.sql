-- Hits and misses of one's own requests, administrators and metrics all users', with those that are not yet added up. One row a type. A barrier that
-- passes nothing on.
create or replace view @privschema@.cache_totals with (security_barrier) as
select @privschema@.opaque(s.cache_type) as cache_type, @privschema@.opaque(s.hit_count) as hit_count,
       @privschema@.opaque(s.miss_count) as miss_count
from (
  select t.cache_type, coalesce(sum(c.hits), 0)::bigint as hit_count, coalesce(sum(c.misses), 0)::bigint as miss_count
  from unnest(array['generation', 'embedding', 'reranking']) as t (cache_type)
  left join (
    select n.user_id, n.cache_type, n.hits, n.misses from @privschema@.cache_counts n
    union all
    select h.user_id, h.cache_type, coalesce(cardinality(h.entry_ids), 0), h.misses from @privschema@.cache_touches h
  ) c on c.cache_type = t.cache_type and (c.user_id = (select @extschema@.current_user_id()) or (select @privschema@.counts_all()))
  group by t.cache_type
) s;

comment on view @privschema@.cache_totals is 'Hits and misses of your requests; administrators see those of all users.';
