-- Dead rows of the queue: what changes most is vacuumed by count, unless a transaction stays open.
create or replace function @privschema@.diagnose_bloat(p_live bigint default null, p_dead bigint default null)
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Table Bloat', case when b.dead > 100000 and b.dead > b.live then 'WARNING' else 'OK' end,
         format('%s dead rows of the queue beside %s', b.dead, b.live),
         case when b.dead > 100000 and b.dead > b.live
              then 'Look for a transaction that stays open (pg_stat_activity, pg_prepared_xacts, pg_replication_slots)'
              else 'No action needed' end
  from (
    select coalesce(p_live, pg_stat_get_live_tuples(q.oid), 0) as live, coalesce(p_dead, pg_stat_get_dead_tuples(q.oid), 0) as dead
    from (select '@extschema@.steadytext_queue'::regclass::oid) q (oid)
  ) b
$$;

revoke all on function @privschema@.diagnose_bloat from public;
comment on function @privschema@.diagnose_bloat is 'How many dead rows the queue has.';
