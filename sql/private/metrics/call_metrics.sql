-- Counters and histograms of all requests that ever ended. Tokens and times are of those that a model ran: what came from the cache
-- used nothing.
create or replace function @privschema@.call_metrics()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with ended as materialized (
    select 'steadytext_' || t.request_type as function, t.* from @privschema@.request_totals t
  ), by_model as (
    select e.function, e.model, @privschema@.metric_labels(array['function', e.function, 'model', e.model]) as labels,
           sum(e.retries) as retries, sum(e.tokens_in) as tokens_in, sum(e.tokens_out) as tokens_out, sum(e.run_ms)::bigint as run_ms,
           sum(e.wait_ms)::bigint as wait_ms,
           array(select sum(b.n)::bigint from ended o cross join unnest(o.run_counts) with ordinality as b (n, i)
                 where (o.function, o.model, o.cache_hit) = (e.function, e.model, false) group by b.i order by b.i) as run_counts,
           array(select sum(b.n)::bigint from ended o cross join unnest(o.wait_counts) with ordinality as b (n, i)
                 where (o.function, o.model, o.cache_hit) = (e.function, e.model, false) group by b.i order by b.i) as wait_counts
    from ended e
    where not e.cache_hit
    group by e.function, e.model
  )
  select @privschema@.metric_text('steadytext_function_calls_total', 'counter', 'Calls that ended, by outcome, and whether the cache had the result.',
      (select string_agg(format(E'steadytext_function_calls_total%s %s\n', @privschema@.metric_labels(array['function', e.function,
         'model', e.model, 'outcome', e.outcome, 'cache', case when e.cache_hit then 'hit' else 'miss' end]), e.requests), ''
         order by e.function, e.model, e.outcome, e.cache_hit) from ended e))
    || @privschema@.metric_text('steadytext_function_retries_total', 'counter', 'Attempts beyond the first of calls that ended.',
      (select string_agg(format(E'steadytext_function_retries_total%s %s\n', m.labels, m.retries), ''
         order by m.function, m.model) from by_model m))
    || @privschema@.metric_text('steadytext_function_tokens_total', 'counter', 'Tokens that models read (in) and wrote (out).',
      (select string_agg(format(E'steadytext_function_tokens_total%s %s\n', @privschema@.metric_labels(array['function', m.function,
         'model', m.model, 'direction', d.direction]), d.tokens), '' order by m.function, m.model, d.direction)
       from by_model m cross join lateral (values ('in', m.tokens_in), ('out', m.tokens_out)) as d (direction, tokens)))
    || @privschema@.metric_text('steadytext_function_duration_seconds', 'histogram', 'Time that a model ran for a call.',
      (select string_agg(@privschema@.histogram_samples('steadytext_function_duration_seconds', m.labels, m.run_ms, m.run_counts), ''
         order by m.function, m.model) from by_model m))
    || @privschema@.metric_text('steadytext_function_wait_seconds', 'histogram', 'Time that a call waited for its turn.',
      (select string_agg(@privschema@.histogram_samples('steadytext_function_wait_seconds', m.labels, m.wait_ms, m.wait_counts), ''
         order by m.function, m.model) from by_model m))
$$;

revoke all on function @privschema@.call_metrics from public;
comment on function @privschema@.call_metrics is 'Metrics of requests that ended, as text.';
