-- The login of the side channel of synchronous functions: what it asks counts only with a signature of the owner's functions.
grant usage on schema @privschema@ to @roleprefix@steadytext_sync;
grant execute on function @privschema@.sync_enqueue, @privschema@.sync_wait, @privschema@.sync_cancel, @privschema@.stream_wait,
  @privschema@.sync_order, @privschema@.sync_answers, @privschema@.sync_refused
  to @roleprefix@steadytext_sync;
