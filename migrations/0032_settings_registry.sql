-- Every name that pg_steadytext's documentation sets has a row now, also those that nothing reads yet: a script that sets them goes through,
-- and has_effect says which are more than names. Where a value came from is kept, so that what an administrator set is told
-- apart from what is mirrored from ALTER DATABASE, and can be taken back to the default, which the row knows.
alter table @extschema@.steadytext_settings
  add column default_value text,
  add column scope text not null default 'admin',
  add column source text not null default 'default',
  add column has_effect boolean not null default true,
  -- Bounds of a number, of a size in bytes, and of the length of a host's name; what an enumeration may be.
  add column lowest bigint default 1,
  add column highest bigint default 999999999,
  add column choices text[];

update @extschema@.steadytext_settings s
set default_value = coalesce(d.value, s.value),
    source = case when s.value = coalesce(d.value, s.value) then 'default' else 'config_set' end,
    lowest = case when s.unit <> 'interval' then 1 end,
    highest = case when s.unit <> 'interval' then 999999999 end
from @extschema@.steadytext_settings o
left join (values
  ('max_input_length', '100000'), ('max_request_bytes', '1000000'), ('max_batch_bytes', '67108864'),
  ('max_batch_size', '10000'), ('max_documents', '1000'), ('max_tokens_limit', '4096'), ('queue_retention', '7 days'),
  ('request_log_retention', '90 days'), ('audit_log_retention', '365 days')) as d (name, value) on d.name = o.name
where o.name = s.name;

alter table @extschema@.steadytext_settings
  alter column default_value set not null,
  drop constraint settings_unit_known,
  drop constraint settings_value_fits_unit,
  add constraint settings_unit_known check (unit in (
    'count', 'characters', 'tokens', 'interval', 'duration', 'bytes', 'boolean', 'enumeration', 'host', 'port')),
  add constraint settings_scope_known check (scope in ('admin', 'user')),
  add constraint settings_source_known check (source in ('default', 'config_set', 'database')),
  add constraint settings_bounds_fit_unit check (
    case when unit in ('interval', 'duration', 'boolean') then num_nonnulls(lowest, highest, choices) = 0
         when unit = 'enumeration' then choices is not null and num_nonnulls(lowest, highest) = 0
         else choices is null and num_nulls(lowest, highest) = 0 end),
  -- A value that its unit does not have, or that nothing could be reckoned with, is refused when it is written and not when
  -- it is read. Numbers have so many digits at most that no cast can fail. The words for it are expected_value's.
  add constraint settings_value_fits_unit check (
    case unit
      when 'interval' then
        case when value ~ '^[0-9]{1,7} (minute|hour|day|week|month|year)s?$'
             then value::interval between interval '1 hour' and interval '100 years' else false end
      when 'duration' then
        case when value ~ '^[0-9]{1,7} ?(ms|s|min|h|d|(millisecond|second|minute|hour|day|week|month|year)s?)$'
             then value::interval between interval '1 millisecond' and interval '100 years' else false end
      when 'bytes' then
        case when value ~ '^([0-9]{1,15}( ?kB)?|[0-9]{1,9} ?MB|[0-9]{1,6} ?GB|[0-9]{1,3} ?TB)$'
             then pg_size_bytes(value) between lowest and highest else false end
      when 'boolean' then value in ('true', 'false')
      when 'enumeration' then value = any (choices)
      when 'host' then value ~ '^[A-Za-z0-9._-]*$' and length(value) between lowest and highest
      else case when value ~ '^[0-9]{1,10}$' then value::bigint between lowest and highest else false end
    end);

insert into @extschema@.steadytext_settings
  (name, value, default_value, unit, scope, has_effect, lowest, highest, choices, description)
select n.name, n.value, n.value, n.unit, n.scope, n.description !~ '^no effect', b.lowest, b.highest, n.choices::text[], n.description
from (values
  ('default_max_tokens', '512', 'tokens', 'user', null, 'tokens of a generation that names no max_tokens'),
  ('default_seed', '42', 'count', 'user', null, 'seed of a request that names none'),
  ('enable_input_validation', 'false', 'boolean', 'admin', null,
    'whether prompts of generations that look like SQL against tables are refused'),

  ('enable_rate_limiting', 'false', 'boolean', 'admin', null, 'no effect yet: whether the two rate limits hold'),
  ('rate_limit_requests_per_minute', '60', 'count', 'admin', null, 'no effect yet: requests of one user in a minute'),
  ('rate_limit_tokens_per_hour', '100000', 'tokens', 'admin', null, 'no effect yet: tokens of one user in an hour'),
  ('max_concurrent_requests', '100', 'count', 'admin', null, 'no effect yet: requests that run at once'),
  ('queue_max_size', '10000', 'count', 'admin', null, 'no effect yet: requests that may wait'),

  ('cache_enabled', 'false', 'boolean', 'admin', null, 'no effect yet: whether results are kept and found again'),
  ('cache_eviction_enabled', 'true', 'boolean', 'admin', null, 'no effect yet: whether the cache is evicted by schedule'),
  ('cache_max_entries', '10000', 'count', 'admin', null, 'no effect yet: entries that eviction leaves'),
  ('cache_max_size_mb', '100', 'count', 'admin', null, 'no effect yet: megabytes that eviction leaves'),
  ('cache_memory_target', '2GB', 'bytes', 'admin', null, 'no effect yet: size of the whole cache that eviction aims at'),
  ('cache_ttl', '7 days', 'duration', 'admin', null, 'no effect yet: how long a cached result counts'),
  ('embedding_cache_size', '1GB', 'bytes', 'admin', null, 'no effect yet: size of the cache of embeddings'),
  ('generation_cache_size', '512MB', 'bytes', 'admin', null, 'no effect yet: size of the cache of generations'),

  ('enable_model_sharing', 'false', 'boolean', 'admin', null, 'no effect yet: whether engines share the weights of a model'),
  ('max_memory_per_request', '256MB', 'bytes', 'admin', null,
    'no effect yet: memory of one request; STEADYTEXT_KV_CACHE_MB of the workers bounds it'),
  ('max_model_memory', '4GB', 'bytes', 'admin', null,
    'no effect yet: memory of an engine''s models; STEADYTEXT_ENGINE_MEMORY_MB of the workers bounds it'),
  ('model_cache_mode', 'mmap', 'enumeration', 'admin', '{mmap,ram}', 'no effect yet: how weights are held in memory'),
  ('model_memory_limit', '8GB', 'bytes', 'admin', null,
    'no effect yet: memory of all models; STEADYTEXT_ENGINE_MEMORY_MB of the workers bounds each engine''s'),

  ('daemon_auto_start', 'false', 'boolean', 'admin', null, 'no effect: SQL starts no process; workers are started beside the server'),
  ('daemon_host', 'localhost', 'host', 'admin', null, 'no effect: workers come to the database, and nothing connects to them'),
  ('daemon_pool_size', '10', 'count', 'admin', null, 'no effect: there is no pool, since nothing connects to workers'),
  ('daemon_pool_timeout', '5s', 'duration', 'admin', null, 'no effect: there is no pool, since nothing connects to workers'),
  ('daemon_port', '5555', 'port', 'admin', null, 'no effect: workers come to the database, and nothing connects to them'),
  ('daemon_reconnect_interval', '1s', 'duration', 'admin', null, 'no effect: workers connect again by a rule of their own'),
  ('daemon_timeout', '10s', 'duration', 'admin', null, 'no effect: who waits for a result says how long'),
  ('enable_daemon', 'true', 'boolean', 'admin', null, 'no effect: models run in workers alone, never in the server'),
  ('enable_fallback', 'false', 'boolean', 'admin', null, 'no effect: STEADYTEXT_FALLBACK of the workers says it'),
  ('enable_monitoring', 'false', 'boolean', 'admin', null, 'no effect yet: whether calls are measured'),
  ('worker_pool_size', '8', 'count', 'admin', null, 'no effect: STEADYTEXT_ENGINES of each worker says it'),

  ('log_cache_operations', 'false', 'boolean', 'admin', null, 'no effect yet: whether hits and evictions are logged'),
  ('log_daemon_communication', 'false', 'boolean', 'admin', null, 'no effect yet: whether what workers ask is logged'),
  ('log_level', 'info', 'enumeration', 'admin', '{debug,info,warn,error}', 'no effect: STEADYTEXT_LOG_LEVEL of the workers says it'),
  ('log_queries', 'false', 'boolean', 'admin', null, 'no effect yet: whether calls are logged'),

  ('ha_mode', 'off', 'enumeration', 'admin', '{off,primary,standby}', 'no effect yet: what this server is to others'),
  ('ha_primary_host', '', 'host', 'admin', null, 'no effect yet: the server that a standby sends calls to'),
  ('ha_readonly_cache', 'false', 'boolean', 'admin', null, 'no effect yet: whether a standby answers from the cache'),
  ('ha_sync_cache', 'false', 'boolean', 'admin', null, 'no effect: streaming replication carries every table'),
  ('ha_sync_interval', '1s', 'duration', 'admin', null, 'no effect: streaming replication carries every table at once')
) as n (name, value, unit, scope, choices, description)
cross join lateral (
  select case when n.unit in ('interval', 'duration', 'boolean', 'enumeration') then null
              when n.name in ('default_seed', 'ha_primary_host') then 0
              when n.unit = 'bytes' then 1048576
              else 1 end::bigint as lowest,
         case when n.unit in ('interval', 'duration', 'boolean', 'enumeration') then null
              when n.name = 'default_seed' then 2147483647
              when n.unit = 'bytes' then 1125899906842624
              when n.unit = 'host' then 255
              when n.unit = 'port' then 65535
              else 999999999 end::bigint as highest
) as b;

comment on table @extschema@.steadytext_settings is
  'Limits, defaults and retention, changed by administrators; and names of other systems that are taken without effect.';

-- Signatures that have gone: a value fits its bounds too, and what a request names none of has its defaults from here.
drop function if exists @privschema@.fits_unit(text, text);
drop function if exists @privschema@.enqueue_facts(text, text, text);
drop function if exists @privschema@.checked_params(text, jsonb, int);
