-- Whether the server's clock was set back: rows that it wrote are then in the future, and what is due waits until it has caught up.
create or replace function @privschema@.diagnose_clock()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Clock', case when c.ahead > 5 then 'WARNING' else 'OK' end,
         case when c.ahead > 5 then format('The newest row is %s seconds in the future', round(c.ahead)) else 'No row is in the future' end,
         case when c.ahead > 5 then 'Keep the server''s clock right (NTP, slewing): what is due waits until it has caught up' else 'No action needed' end
  from (
    select coalesce(extract(epoch from greatest(
      (select max(w.heartbeat_at) from @extschema@.steadytext_workers w),
      (select max(q.started_at) from @extschema@.steadytext_queue q where q.status = 'processing'),
      (select max(z.counted_at) from @privschema@.cache_sizes z)) - clock_timestamp()), 0) as ahead
  ) c
$$;

revoke all on function @privschema@.diagnose_clock from public;
comment on function @privschema@.diagnose_clock is 'Whether the clock of the server was set back.';
