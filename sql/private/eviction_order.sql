-- What goes first: the least. frecency: how often an entry was given, each doubling worth a day of not being given; lru: when it
-- was given last; lfu: how often; fifo and ttl: when it was made. No pinned search_path, so that it is inlined; it runs under that of
-- its callers.
create or replace function @privschema@.eviction_order(
  p_strategy text, p_access_count bigint, p_last_accessed timestamptz, p_created_at timestamptz)
returns double precision
language sql immutable parallel safe
as $$
  select case p_strategy
    when 'frecency' then ln(1 + p_access_count) / ln(2) + date_part('epoch', p_last_accessed) / 86400
    when 'lru' then date_part('epoch', p_last_accessed)
    when 'lfu' then p_access_count
    else date_part('epoch', p_created_at)
  end
$$;

revoke all on function @privschema@.eviction_order from public;
comment on function @privschema@.eviction_order is 'Rank of a cache entry under a strategy; the least is evicted first.';
