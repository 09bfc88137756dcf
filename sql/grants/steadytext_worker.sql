-- Calls the private worker API and maintenance, and reads or writes no table: not the queue, not the logs.
grant usage on schema @privschema@ to @roleprefix@steadytext_worker;
grant execute on function
  @privschema@.schema_version,
  @privschema@.claim_requests,
  @privschema@.renew_leases,
  @privschema@.settle_requests,
  @privschema@.write_pieces,
  @privschema@.release_requests,
  @privschema@.hand_over_requests,
  @privschema@.rescue_requests,
  @privschema@.promote_requests,
  @privschema@.heartbeat_worker,
  @privschema@.retire_worker,
  @privschema@.read_orders,
  @privschema@.answer_order,
  @privschema@.unserved_defaults,
  @privschema@.prune_requests,
  @privschema@.extend_partitions,
  @privschema@.drop_partitions,
  @privschema@.refresh_statistics,
  @privschema@.mirror_settings,
  @privschema@.tend_cache,
  @privschema@.seal_audit,
  @privschema@.unsigned_seals,
  @privschema@.sign_seal,
  @privschema@.fold_tallies,
  @privschema@.log_settings
to @roleprefix@steadytext_worker;
