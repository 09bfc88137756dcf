-- Gauges of what waits, runs and has failed for good.
create or replace function @privschema@.queue_metrics()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with counted as materialized (
    select 'steadytext_' || c.request_type as function, c.model, c.status, c.requests,
           extract(epoch from greatest(interval '0', clock_timestamp() - c.oldest_created_at)) as age
    from @extschema@.steadytext_queue_counts() c
  )
  select @privschema@.metric_text('steadytext_queue_depth', 'gauge', 'Requests in the queue that are not completed, by status.',
      (select string_agg(format(E'steadytext_queue_depth%s %s\n', @privschema@.metric_labels(array['function', c.function,
         'model', c.model, 'status', c.status]), c.requests), '' order by c.function, c.model, c.status) from counted c))
    || @privschema@.metric_text('steadytext_queue_oldest_age_seconds', 'gauge', 'Age of the oldest request that waits.',
      (select string_agg(format(E'steadytext_queue_oldest_age_seconds%s %s\n', @privschema@.metric_labels(array['function', c.function,
         'model', c.model]), round(c.age, 3)), '' order by c.function, c.model) from counted c where c.status = 'pending'))
    || @privschema@.metric_text('steadytext_notice_queue_usage_ratio', 'gauge', 'How full the server''s queue of notices is.',
      format(E'steadytext_notice_queue_usage_ratio %s\n', round(pg_notification_queue_usage()::numeric, 6)))
$$;

revoke all on function @privschema@.queue_metrics from public;
comment on function @privschema@.queue_metrics is 'Metrics of the queue, as text.';
