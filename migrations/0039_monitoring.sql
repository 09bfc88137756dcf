-- Numbers for whoever watches. Counters of all requests that ended may never go down, so they are neither counted in tables that are
-- pruned nor over a window: each batch that ends leaves its own numbers in a row, and maintenance makes one row of all rows of a
-- kind. No request waits for a row that another one counts in. No word of users.
create table @privschema@.request_tallies (
  tally_id bigint generated always as identity,
  request_type text not null,
  model text not null,
  outcome text not null,
  cache_hit boolean not null,
  requests bigint not null,
  retries bigint not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  -- Milliseconds that a model ran, and that requests waited for it, in all; and how many took no longer than each of
  -- tally_bounds, with all that there were at the end.
  run_ms bigint not null,
  run_counts bigint[] not null,
  wait_ms bigint not null,
  wait_counts bigint[] not null,
  constraint request_tallies_pkey primary key (tally_id),
  constraint request_tallies_same_bounds check (cardinality(run_counts) = cardinality(wait_counts))
) with (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- What the cache holds, as whoever last had the turn to evict counted it, and all that was ever evicted.
create table @privschema@.cache_sizes (
  cache_type text not null,
  entries bigint not null default 0,
  entry_bytes bigint not null default 0,
  evicted_entries bigint not null default 0,
  evicted_bytes bigint not null default 0,
  counted_at timestamptz not null default clock_timestamp(),
  constraint cache_sizes_pkey primary key (cache_type)
);
insert into @privschema@.cache_sizes (cache_type) values ('generation'), ('embedding'), ('reranking');

-- What ALTER SYSTEM says of our settings, as an administrator's `steadytext config sync` read it last: only a superuser's
-- session can read where such a value comes from.
create table @privschema@.system_settings (
  name text not null,
  value text not null,
  read_at timestamptz not null default clock_timestamp(),
  constraint system_settings_pkey primary key (name)
);

comment on table @privschema@.request_tallies is 'How many requests have ended how, with their tokens and times; added up by maintenance.';
comment on table @privschema@.cache_sizes is 'What the cache held when it was last counted, and all that was evicted.';
comment on table @privschema@.system_settings is 'What ALTER SYSTEM says of our settings, as an administrator last read it.';

-- The last hour's rows of the request log without reading a week: some blocks' bounds, which cost a settle nothing.
create index request_log_time on @extschema@.steadytext_request_log using brin (finished_at)
  with (pages_per_range = 16, autosummarize = on);

alter table @extschema@.steadytext_settings
  drop constraint settings_source_known,
  add constraint settings_source_known check (source in ('default', 'config_set', 'database', 'system'));

-- What were names alone until now. What an administrator has chosen stays.
update @extschema@.steadytext_settings s
set description = d.description, has_effect = true, default_value = coalesce(d.default_value, s.default_value),
    value = case when s.source = 'default' then coalesce(d.default_value, s.value) else s.value end,
    -- Or it would count as an administrator's.
    updated_at = clock_timestamp()
from (values
  ('enable_monitoring', 'true', 'whether requests that end are counted for export_prometheus_metrics'),
  ('enable_fallback', null, 'whether steadytext_generate gives words that no model made where it has no side channel'),
  ('log_level', null, 'level of the workers'' logs, where it is set; else STEADYTEXT_LOG_LEVEL of each'),
  ('log_queries', null, 'whether workers log each request that ends'),
  ('log_cache_operations', null, 'whether looks into the cache and evictions are logged by the server'),
  ('log_daemon_communication', null, 'whether workers log what they ask of the queue')
) as d (name, default_value, description)
where s.name = d.name;
