-- What is done by the clock, in the server. Needs pg_cron, and a login that may use it (grant usage on schema cron). A job runs as whoever
-- scheduled it: the evictions need steadytext_admin.

select cron.schedule('steadytext-cache-eviction', '0 3 * * *',
  $$select steadytext_evict_cache(target_memory_mb := 500, eviction_strategy := 'frecency')$$);

select cron.schedule('steadytext-embedding-cache-cleanup', '0 */6 * * *',
  $$select steadytext_evict_cache(cache_type := 'embedding', target_memory_mb := 200, min_age_hours := 24)$$);

-- A sentence that is there in the morning: enqueued by one job and fetched by another, since a job should not wait for a model.
create table daily_reports (
  day date primary key default current_date,
  request_id uuid not null,
  report text
);

select cron.schedule('ask-for-report', '0 6 * * *',
  $$insert into daily_reports (request_id)
    select steadytext_generate_async(
      'Say in one sentence how our requests are doing: ' || (select coalesce(json_agg(c), '[]') from steadytext_own_counts c), 60)
    where not exists (select from daily_reports where day = current_date)$$);

select cron.schedule('fetch-report', '*/5 * * * *',
  $$update daily_reports d set report = r.result
    from (select o.day, c.result
          from daily_reports o cross join lateral steadytext_check_async(o.request_id) c
          where o.report is null and c.status = 'completed') r
    where r.day = d.day$$);

select jobname, schedule, active from cron.job order by jobid;
