-- Metrics count all users' requests; which columns they may read is granted one by one, and none holds text.
drop policy if exists queue_metrics_rows on @extschema@.steadytext_queue;
create policy queue_metrics_rows on @extschema@.steadytext_queue
  for select to @roleprefix@steadytext_metrics
  using (true);
