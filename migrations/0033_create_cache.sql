-- Results that are given again to the user they were given to. One row a request as it is asked: type, model, options and
-- input make the key, and whose it is, since a cache that users share tells one of them what another has asked. No prompt: its
-- hash finds it.
create table @extschema@.steadytext_cache_entries (
  id bigint generated always as identity,
  user_id int not null,
  cache_key text not null,
  cache_type text not null,
  model text not null,
  -- An entry counts while this is what the fleet serves under the model's name.
  model_digest text not null,
  result text,
  embedding real[],
  tokens_in int,
  tokens_out int,
  receipt jsonb not null,
  -- As counted against the sizes of the settings: what is stored, uncompressed, and some 200 octets of row and indexes.
  entry_bytes int not null,
  -- Kept by hand in batches (fold_cache_touches), since a hit must not be an update of a row.
  access_count bigint not null default 0,
  last_accessed timestamptz not null default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  constraint cache_entries_pkey primary key (id),
  constraint cache_entries_key_unique unique (user_id, cache_key),
  constraint cache_entries_type_known check (cache_type in ('generation', 'embedding', 'reranking')),
  constraint cache_entries_one_result check (num_nonnulls(result, embedding) = 1),
  constraint cache_entries_counts check (access_count >= 0 and entry_bytes > 0)
) with (fillfactor = 90);
alter table @extschema@.steadytext_cache_entries enable row level security;
alter table @extschema@.steadytext_cache_entries alter column embedding set storage external;
-- Rows of several users: no samples of their values (see keep_no_samples).
alter table @extschema@.steadytext_cache_entries
  alter column user_id set statistics 0, alter column cache_key set statistics 0, alter column cache_type set statistics 0,
  alter column model set statistics 0, alter column model_digest set statistics 0, alter column result set statistics 0,
  alter column embedding set statistics 0, alter column tokens_in set statistics 0, alter column tokens_out set statistics 0,
  alter column receipt set statistics 0, alter column entry_bytes set statistics 0, alter column id set statistics 0,
  alter column access_count set statistics 0, alter column last_accessed set statistics 0, alter column created_at set statistics 0;

-- What looked for an entry, a row a call: inserted by whoever enqueues, added up and deleted by maintenance. Unlogged: after a
-- crash the last minutes' counts are lost, and nothing else.
create unlogged table @privschema@.cache_touches (
  touch_id bigint generated always as identity,
  user_id int not null,
  cache_type text not null,
  -- Null where none was found.
  entry_ids bigint[],
  misses int not null,
  touched_at timestamptz not null default clock_timestamp(),
  constraint cache_touches_pkey primary key (touch_id)
);
alter table @privschema@.cache_touches enable row level security;
alter table @privschema@.cache_touches
  alter column touch_id set statistics 0, alter column user_id set statistics 0, alter column cache_type set statistics 0,
  alter column entry_ids set statistics 0, alter column misses set statistics 0, alter column touched_at set statistics 0;

create table @privschema@.cache_counts (
  user_id int not null,
  cache_type text not null,
  hits bigint not null,
  misses bigint not null,
  constraint cache_counts_pkey primary key (user_id, cache_type)
);
alter table @privschema@.cache_counts enable row level security;
alter table @privschema@.cache_counts
  alter column user_id set statistics 0, alter column cache_type set statistics 0, alter column hits set statistics 0,
  alter column misses set statistics 0;

-- From when on entries count: what is older was cleared, and is deleted by maintenance. So a clear in an open transaction holds
-- no entry that a worker's settle would wait for. User 0 stands for all users.
create table @privschema@.cache_clears (
  user_id int not null,
  cache_type text not null,
  cleared_at timestamptz not null,
  constraint cache_clears_pkey primary key (user_id, cache_type)
);
alter table @privschema@.cache_clears enable row level security;
alter table @privschema@.cache_clears
  alter column user_id set statistics 0, alter column cache_type set statistics 0, alter column cleared_at set statistics 0;

-- Whoever evicts or adds up holds this row: one at a time, and no login can take it to keep others from it.
create table @privschema@.eviction_turn (
  only_row boolean not null default true,
  constraint eviction_turn_pkey primary key (only_row),
  constraint eviction_turn_one_row check (only_row)
);
insert into @privschema@.eviction_turn values (true);

create table @extschema@.steadytext_eviction_log (
  id bigint generated always as identity,
  eviction_time timestamptz not null default clock_timestamp(),
  cache_type text not null,
  eviction_strategy text not null,
  entries_before bigint not null,
  entries_after bigint not null,
  bytes_freed bigint not null,
  duration_ms int not null,
  constraint eviction_log_pkey primary key (id)
);
create index eviction_log_time on @extschema@.steadytext_eviction_log (eviction_time desc);

comment on table @extschema@.steadytext_cache_entries is 'Results that are given again; a user''s own, found by a hash of the request.';
comment on table @privschema@.cache_touches is 'Looks into the cache that are not yet added up.';
comment on table @privschema@.cache_counts is 'Hits and misses of each user and type of entry.';
comment on table @privschema@.cache_clears is 'Since when entries of a user, or of all (0), count.';
comment on table @privschema@.eviction_turn is 'The row that an eviction holds locked.';
comment on table @extschema@.steadytext_eviction_log is 'What was evicted from the cache, one row a type each time.';

-- What were names alone until now. What an administrator has chosen stays.
update @extschema@.steadytext_settings s
set description = d.description, has_effect = true, default_value = coalesce(d.default_value, s.default_value),
    value = case when s.source = 'default' then coalesce(d.default_value, s.value) else s.value end,
    -- Or it would count as an administrator's.
    updated_at = clock_timestamp()
from (values
  ('cache_enabled', 'true', 'whether results are kept and given again'),
  ('cache_ttl', null, 'how long a kept result counts'),
  ('generation_cache_size', null, 'size that eviction leaves of kept generations'),
  ('embedding_cache_size', null, 'size that eviction leaves of kept embeddings'),
  ('cache_memory_target', null, 'size that eviction leaves of all that is kept'),
  ('cache_max_entries', '1000000', 'kept results of each type that eviction leaves'),
  ('cache_eviction_enabled', null, 'whether the fleet evicts by its schedule')
) as d (name, default_value, description)
where s.name = d.name;
update @extschema@.steadytext_settings s
set description = 'no effect: generation_cache_size, embedding_cache_size and reranking_cache_size say it'
where s.name = 'cache_max_size_mb';
insert into @extschema@.steadytext_settings (name, value, default_value, unit, scope, lowest, highest, choices, description)
values
  ('reranking_cache_size', '256MB', '256MB', 'bytes', 'admin', 1048576, 1125899906842624, null,
   'size that eviction leaves of kept rerankings'),
  ('cache_eviction_strategy', 'frecency', 'frecency', 'enumeration', 'admin', null, null, '{frecency,lru,lfu,fifo,ttl}',
   'what goes first when the fleet evicts by its schedule');

-- Signatures that have gone.
drop function if exists @privschema@.enqueue_facts(text, text, text);
drop function if exists @privschema@.insert_requests(text, int, text, text[], jsonb, int, text, int, timestamptz, text, boolean, bytea);
