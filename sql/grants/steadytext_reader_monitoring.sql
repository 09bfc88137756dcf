-- Numbers of calls: of one's own, for metrics of all users; no text. And the functions that these views ask as whoever reads them.
grant select on @extschema@.steadytext_function_stats, @extschema@.steadytext_performance_metrics, @privschema@.present_sums
to @roleprefix@steadytext_reader, @roleprefix@steadytext_metrics;
grant execute on function @privschema@.counts_all, @privschema@.recent_calls
to @roleprefix@steadytext_reader, @roleprefix@steadytext_metrics;
grant execute on function @extschema@.current_user_id, @extschema@.steadytext_user_id, @privschema@.opaque, @privschema@.sees_all
to @roleprefix@steadytext_metrics;
