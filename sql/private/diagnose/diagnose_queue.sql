-- How much waits and has failed. What is scheduled for later waits for nobody.
create or replace function @privschema@.diagnose_queue()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Queue Health',
         case when q.pending > 1000 or q.failed > 100 then 'ERROR' when q.pending > 500 or q.failed > 50 then 'WARNING' else 'OK' end,
         format('Pending: %s, Failed: %s, Oldest: %s seconds', q.pending, q.failed, coalesce(q.oldest, 0)),
         case when q.pending > 500 then 'Scale up workers or reduce load'
              when q.failed > 50 then 'Check failed requests and retry: select * from steadytext_dead_letter_queue'
              else 'Queue healthy' end
  from (
    select coalesce(sum(c.requests) filter (where c.status = 'pending'), 0) as pending,
           coalesce(sum(c.requests) filter (where c.status = 'failed'), 0) as failed,
           round(extract(epoch from clock_timestamp() - min(c.oldest_created_at) filter (where c.status = 'pending'))) as oldest
    from @extschema@.steadytext_queue_counts() c
  ) q
$$;

revoke all on function @privschema@.diagnose_queue from public;
comment on function @privschema@.diagnose_queue is 'How much waits and has failed.';
