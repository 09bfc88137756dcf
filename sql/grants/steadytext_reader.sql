-- Reads its own requests, waits for them, and sees which models there are.
-- The private schema, for what the functions that wait call as whoever waits. Everything else in it is granted by name too, to
-- others.
grant usage on schema @extschema@, @privschema@ to @roleprefix@steadytext_reader;
grant select on
  @extschema@.steadytext_queue, @extschema@.steadytext_users, @extschema@.steadytext_models,
  @extschema@.steadytext_request_log, @extschema@.steadytext_dead_letter_queue
to @roleprefix@steadytext_reader;
grant execute on function
  @extschema@.current_user_id,
  @extschema@.current_user_mask,
  @extschema@.planned_user_mask,
  @extschema@.steadytext_user_id,
  @extschema@.steadytext_check_async,
  @extschema@.steadytext_check_async_batch,
  @extschema@.steadytext_get_async_result,
  @extschema@.steadytext_get_async_result_embedding,
  @extschema@.steadytext_get_async_result_json,
  @privschema@.is_uncommitted_user,
  @privschema@.wait_for_request,
  @privschema@.check_wait_can_end,
  @privschema@.check_succeeded,
  @privschema@.raise_option
to @roleprefix@steadytext_reader;
