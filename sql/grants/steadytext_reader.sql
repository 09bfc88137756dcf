-- Reads its own requests, waits for them, and sees which models there are. Of tables with rows of several users it reads none: the
-- views say whose rows there are, whatever is asked.
-- The private schema, for what the functions that wait call as whoever waits. Everything else in it is granted by name too, to
-- others.
grant usage on schema @extschema@, @privschema@ to @roleprefix@steadytext_reader;
grant select on
  @extschema@.steadytext_requests, @extschema@.steadytext_usage, @extschema@.steadytext_dead_letter_queue,
  @extschema@.steadytext_own_counts, @extschema@.steadytext_models, @extschema@.steadytext_cache, @extschema@.cache_performance,
  @privschema@.cache_totals
to @roleprefix@steadytext_reader;
grant execute on function
  @extschema@.current_user_id,
  @extschema@.current_user_mask,
  @extschema@.steadytext_user_id,
  @extschema@.steadytext_check_async,
  @extschema@.steadytext_check_async_batch,
  @extschema@.steadytext_get_async_result,
  @extschema@.steadytext_get_async_result_embedding,
  @extschema@.steadytext_get_async_result_json,
  @extschema@.steadytext_cache_stats,
  @extschema@.steadytext_cache_preview_eviction,
  @extschema@.steadytext_cache_analyze_usage,
  @privschema@.eviction_order,
  @extschema@.steadytext_config_get,
  @extschema@.steadytext_config_list,
  @privschema@.opaque,
  @privschema@.sees_all,
  @privschema@.wait_for_request,
  @privschema@.check_wait_can_end,
  @privschema@.check_succeeded,
  @privschema@.raise_option
to @roleprefix@steadytext_reader;
