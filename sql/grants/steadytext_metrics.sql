-- Counts and times without text: the fleet, the models, and of the queue every column that holds neither input nor
-- result.
grant usage on schema @extschema@ to @roleprefix@steadytext_metrics;
grant select on @extschema@.steadytext_workers, @extschema@.steadytext_models to @roleprefix@steadytext_metrics;
grant select (id, user_id, request_type, model, status, priority, runnable, isolated, retry_count, created_at,
  scheduled_at, started_at, completed_at, processing_time_ms, tokens_in, tokens_out, cost_estimate)
  on @extschema@.steadytext_queue to @roleprefix@steadytext_metrics;
