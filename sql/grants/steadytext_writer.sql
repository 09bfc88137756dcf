-- Enqueues, cancels and retries its own requests, and reads as readers do, whose role it includes. The columns of a
-- direct insert are granted one by one: user, status, model and times are never the caller's to say (what a view's defaults
-- write all the same, a trigger undoes).
grant insert (request_id, prompt, request_type, params, priority, created_at, session_id)
  on @extschema@.steadytext_queue to @roleprefix@steadytext_writer;
-- For its RETURNING and ON CONFLICT. Whoever can connect hears the ids of all, in notices.
grant select (id, request_id) on @extschema@.steadytext_queue to @roleprefix@steadytext_writer;
-- What functions hand on; who calls is not theirs to say.
grant insert (call, request_id, inputs, options, model, unsafe_mode, priority, scheduled_at, idempotency_key, write_back),
  select (answer, request_ids)
  on @privschema@.calls to @roleprefix@steadytext_writer;
grant execute on function
  @extschema@.steadytext_generate_async,
  @extschema@.steadytext_generate_batch_async,
  @extschema@.steadytext_generate_json_async,
  @extschema@.steadytext_generate_regex_async,
  @extschema@.steadytext_generate_choice_async,
  @extschema@.steadytext_embed_async,
  @extschema@.steadytext_embed_batch_async,
  @extschema@.steadytext_rerank_async,
  @extschema@.steadytext_rerank_batch_async,
  @extschema@.steadytext_cancel_async, @extschema@.steadytext_retry_async,
  @extschema@.steadytext_clear_cache,
  @extschema@.steadytext_cache_clear,
  @extschema@.steadytext_cache_key, @extschema@.steadytext_cache_get,
  @extschema@.steadytext_verify,
  @extschema@.validate_generation_input,
  @extschema@.debug_generation,
  @extschema@.steadytext_prompt_create,
  @extschema@.steadytext_prompt_update,
  @extschema@.steadytext_prompt_delete,
  @extschema@.steadytext_generate,
  @extschema@.steadytext_generate_stream,
  @extschema@.steadytext_generate_json,
  @extschema@.steadytext_generate_regex,
  @extschema@.steadytext_generate_choice,
  @extschema@.steadytext_embed,
  @extschema@.steadytext_rerank,
  @extschema@.steadytext_rerank_docs_only,
  @extschema@.steadytext_rerank_top_k,
  @extschema@.steadytext_rerank_batch,
  @extschema@.steadytext_export_user, @extschema@.audit_steadytext_usage,
  @privschema@.sync_run,
  @privschema@.standby_call,
  @privschema@.check_on_error,
  @privschema@.error_answer,
  @privschema@.sync_outcome,
  @privschema@.sync_text,
  @privschema@.refused_files,
  @privschema@.stream_first,
  @privschema@.stream_next,
  @privschema@.stream_step,
  @privschema@.enqueue_own,
  @privschema@.await_own,
  @privschema@.sync_wait_seconds
to @roleprefix@steadytext_writer;
grant execute on procedure @extschema@.steadytext_generate_and_wait to @roleprefix@steadytext_writer;
-- Who asks, for calls on a standby.
grant select on @privschema@.caller_proof to @roleprefix@steadytext_writer;
