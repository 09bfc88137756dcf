-- The numbers of requests that have just become final, where they are to be counted, in a row for each kind of them, with where the changed rows lie. Called by
-- log_finished, whose settings of the planner hold here too.
create or replace function @privschema@.tally_finished(p_rows tid[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not @privschema@.setting('enable_monitoring')::boolean then
    return;
  end if;
  insert into @privschema@.request_tallies (request_type, model, outcome, cache_hit, requests, retries, tokens_in, tokens_out,
    run_ms, run_counts, wait_ms, wait_counts)
  select k.request_type, k.model, k.status, k.cache_hit, count(*), sum(k.retry_count), coalesce(sum(k.tokens_in), 0),
    coalesce(sum(k.tokens_out), 0), coalesce(sum(k.run_ms), 0),
    array[count(*) filter (where k.run_ms <= 10), count(*) filter (where k.run_ms <= 25),
      count(*) filter (where k.run_ms <= 50), count(*) filter (where k.run_ms <= 100), count(*) filter (where k.run_ms <= 250),
      count(*) filter (where k.run_ms <= 500), count(*) filter (where k.run_ms <= 1000),
      count(*) filter (where k.run_ms <= 2500), count(*) filter (where k.run_ms <= 5000),
      count(*) filter (where k.run_ms <= 10000), count(*) filter (where k.run_ms <= 30000),
      count(*) filter (where k.run_ms <= 60000), count(*) filter (where k.run_ms <= 300000), count(k.run_ms)],
    coalesce(sum(k.wait_ms), 0),
    array[count(*) filter (where k.wait_ms <= 10), count(*) filter (where k.wait_ms <= 25),
      count(*) filter (where k.wait_ms <= 50), count(*) filter (where k.wait_ms <= 100), count(*) filter (where k.wait_ms <= 250),
      count(*) filter (where k.wait_ms <= 500), count(*) filter (where k.wait_ms <= 1000),
      count(*) filter (where k.wait_ms <= 2500), count(*) filter (where k.wait_ms <= 5000),
      count(*) filter (where k.wait_ms <= 10000), count(*) filter (where k.wait_ms <= 30000),
      count(*) filter (where k.wait_ms <= 60000), count(*) filter (where k.wait_ms <= 300000), count(k.wait_ms)]
  from (
    select q.request_type, q.model, q.status, @privschema@.is_cache_hit(q.status, q.lease_token, q.receipt) as cache_hit, q.retry_count,
      q.tokens_in, q.tokens_out,
      case when q.lease_token > 0 then greatest(0, q.processing_time_ms)::bigint end as run_ms,
      -- What was cancelled before its turn waited for nobody.
      case when q.lease_token > 0 then greatest(0, date_part('epoch',
        q.started_at - greatest(q.scheduled_at, q.created_at)) * 1000)::bigint end as wait_ms
    from @extschema@.steadytext_queue q
    where q.ctid = any (p_rows)
  ) k
  group by k.request_type, k.model, k.status, k.cache_hit;
end
$$;

revoke all on function @privschema@.tally_finished from public;
comment on function @privschema@.tally_finished is 'Counts requests that are final now.';
