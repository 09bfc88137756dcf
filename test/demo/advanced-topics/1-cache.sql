--- cache statistics: a reader
--- columns cache_type, hit_count, miss_count, hit_rate, cache_size_bytes, entry_count
select * from steadytext_cache_stats();

--- clearing one type of results: a writer
select steadytext_clear_cache('generation');

--- clearing embeddings: a writer
select steadytext_clear_cache('embedding');

--- clearing rankings: a writer
select steadytext_clear_cache('reranking');

--- clearing everything: a writer
select steadytext_clear_cache('all');

--- size of the cache of texts: a superuser, refused below 17 with 42704
alter system set steadytext.generation_cache_size = '512MB';
--- instead: an administrator
select steadytext_config_set('generation_cache_size', '512MB');

--- size of the cache of embeddings: a superuser, refused below 17 with 42704
alter system set steadytext.embedding_cache_size = '1GB';
--- instead: an administrator
select steadytext_config_set('embedding_cache_size', '1GB');

--- age of cached results: a superuser, refused below 17 with 42704
alter system set steadytext.cache_ttl = '7 days';
--- instead: an administrator
select steadytext_config_set('cache_ttl', '7 days');

--- reading the server's files again: a superuser
select pg_reload_conf();

--- a view of hit rates: a writer
create or replace view cache_performance as
select cache_type, hit_count, miss_count, round(hit_count::numeric / nullif(hit_count + miss_count, 0) * 100, 2) as hit_rate,
       pg_size_pretty(cache_size_bytes) as cache_size, entry_count
from steadytext_cache_stats();

--- what that view shows: a writer
--- columns cache_type, hit_count, miss_count, hit_rate, cache_size, entry_count
select * from cache_performance;

--- the view that is there already: a reader
--- columns cache_type, hit_count, miss_count, hit_rate, cache_size, entry_count, cache_size_bytes
select * from steadytext.cache_performance;

--- pg_cron: a superuser, with pg_cron
create extension if not exists pg_cron;

--- an eviction every night: a superuser, with pg_cron
select cron.schedule('steadytext-cache-eviction', '0 3 * * *',
  $$select steadytext_evict_cache(target_memory_mb := 500, eviction_strategy := 'frecency')$$);

--- what that schedule runs: an administrator
select steadytext_evict_cache(target_memory_mb := 500, eviction_strategy := 'frecency');

--- an eviction of embeddings every six hours: a superuser, with pg_cron
select cron.schedule('steadytext-embedding-cache-cleanup', '0 */6 * * *',
  $$select steadytext_evict_cache(cache_type := 'embedding', target_memory_mb := 200, min_age_hours := 24)$$);

--- what that schedule runs of embeddings: an administrator
select steadytext_evict_cache(cache_type := 'embedding', target_memory_mb := 200, min_age_hours := 24);

--- a view of past evictions: an administrator
create or replace view eviction_history as
select eviction_time, cache_type, entries_before, entries_after, bytes_freed, duration_ms
from steadytext_eviction_log order by eviction_time desc limit 100;
