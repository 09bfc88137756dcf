-- How full the server's queue of notices is. When it is full, nobody is woken any more and polls make up for it; at half the server itself warns.
create or replace function @privschema@.diagnose_notices(p_usage double precision default pg_notification_queue_usage())
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Notice Queue', case when p_usage > 0.9 then 'ERROR' when p_usage > 0.5 then 'WARNING' else 'OK' end,
         format('%s%% full', round((p_usage * 100)::numeric, 2)),
         case when p_usage > 0.5 then 'End the transaction that holds it up: a session that listens and stays idle in a transaction'
              else 'No action needed' end
$$;

revoke all on function @privschema@.diagnose_notices from public;
comment on function @privschema@.diagnose_notices is 'How full the queue of notices is.';
