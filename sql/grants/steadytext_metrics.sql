-- The fleet, the models, and of the queue nothing but numbers.
grant usage on schema @extschema@ to @roleprefix@steadytext_metrics;
grant select on @extschema@.steadytext_workers, @extschema@.steadytext_models to @roleprefix@steadytext_metrics;
grant execute on function @extschema@.steadytext_queue_counts, @extschema@.steadytext_finished_counts
  to @roleprefix@steadytext_metrics;
