-- The view of the same name that users of other systems make for themselves: with the rate in percent and a size to read.
create or replace view @extschema@.cache_performance with (security_invoker = true) as
select s.cache_type, s.hit_count, s.miss_count, round(s.hit_rate * 100, 2) as hit_rate,
       pg_size_pretty(s.cache_size_bytes) as cache_size, s.entry_count, s.cache_size_bytes
from @privschema@.cache_figures() s;

comment on view @extschema@.cache_performance is 'steadytext_cache_stats() to read: the rate in percent, the size with its unit.';
