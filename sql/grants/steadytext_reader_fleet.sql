-- The fleet in numbers: no request, and nothing of whom they are.
grant execute on function
  @extschema@.steadytext_model_status,
  @extschema@.steadytext_model_memory_usage,
  @extschema@.steadytext_memory_usage,
  @extschema@.steadytext_system_status,
  @extschema@.steadytext_daemon_status,
  @extschema@.steadytext_daemon_connections,
  @extschema@.check_daemon_health
to @roleprefix@steadytext_reader, @roleprefix@steadytext_metrics;
grant select on @extschema@.daemon_pool_status to @roleprefix@steadytext_reader, @roleprefix@steadytext_metrics;
