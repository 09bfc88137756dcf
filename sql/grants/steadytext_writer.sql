-- Enqueues, cancels and retries its own requests, and reads as readers do, whose role it includes. The columns of a direct
-- insert are granted one by one: user, status, model and times are never the caller's to say.
grant insert (request_id, prompt, request_type, params, priority, created_at, session_id)
  on @extschema@.steadytext_queue to @roleprefix@steadytext_writer;
grant execute on function
  @extschema@.steadytext_generate_async(text, int, boolean, int, int, text, text, real, timestamptz, text, boolean),
  @extschema@.steadytext_generate_batch_async(text[], int, boolean, int, int, text, text, real, timestamptz, text, boolean),
  @extschema@.steadytext_embed_async(text, boolean, int, text, boolean, int, timestamptz, text),
  @extschema@.steadytext_embed_batch_async(text[], boolean, int, text, boolean, int, timestamptz, text),
  @extschema@.steadytext_rerank_async(text, text[], text, boolean, int, int, text, timestamptz, text),
  @extschema@.steadytext_rerank_batch_async(text[], text[], text, boolean, int, int, text, timestamptz, text),
  @extschema@.steadytext_cancel_async(uuid),
  @extschema@.steadytext_retry_async(uuid)
to @roleprefix@steadytext_writer;
