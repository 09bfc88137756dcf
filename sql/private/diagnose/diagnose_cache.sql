-- How often the cache had what was asked for, since the database was migrated. Before anybody has asked there is nothing to say.
create or replace function @privschema@.diagnose_cache()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Cache Health',
         case when not s.enabled or coalesce(s.total, 0) = 0 then 'INFO' when s.rate > 0.8 then 'OK' when s.rate > 0.5 then 'WARNING' else 'ERROR' end,
         case when not s.enabled then 'The cache is off' when coalesce(s.total, 0) = 0 then 'No requests yet'
              else format('Hit rate: %s%%, Total requests: %s', round(s.rate * 100, 2), s.total) end,
         case when not s.enabled then 'Turn it on: select steadytext_config_set(''cache_enabled'', ''true'')'
              when s.rate < 0.5 then 'Consider increasing cache size, or a longer cache_ttl; where no request comes twice, this is as it must be'
              else 'Cache performing well' end
  from (
    select @privschema@.setting('cache_enabled')::boolean as enabled, sum(t.hit_count + t.miss_count) as total,
           sum(t.hit_count) / nullif(sum(t.hit_count + t.miss_count), 0) as rate
    from @privschema@.cache_totals t
  ) s
$$;

revoke all on function @privschema@.diagnose_cache from public;
comment on function @privschema@.diagnose_cache is 'How often the cache had what was asked for.';
