-- The fleet, the models, and of the queue nothing but numbers. The private schema, for the functions that its views ask as whoever
-- reads them; everything else in it is granted by name, to others.
grant usage on schema @extschema@, @privschema@ to @roleprefix@steadytext_metrics;
grant select on @extschema@.steadytext_workers, @extschema@.steadytext_models to @roleprefix@steadytext_metrics;
grant execute on function @extschema@.steadytext_queue_counts, @extschema@.steadytext_finished_counts,
  @extschema@.export_prometheus_metrics, @extschema@.diagnose_steadytext
  to @roleprefix@steadytext_metrics;
