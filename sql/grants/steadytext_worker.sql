-- Calls the private worker API and maintenance, and reads or writes no table: not the queue, not the logs.
grant usage on schema @privschema@ to @roleprefix@steadytext_worker;
grant execute on function
  @privschema@.schema_version(),
  @privschema@.claim_requests(uuid, text[], text[], int[], real),
  @privschema@.renew_leases(uuid, bigint[], bigint[], real),
  @privschema@.settle_requests(uuid, bigint[], bigint[], text[], text[], text[], text[], boolean[], int[], int[], int[], text[],
    text[]),
  @privschema@.release_requests(uuid, bigint[], bigint[]),
  @privschema@.rescue_requests(int),
  @privschema@.promote_requests(int),
  @privschema@.heartbeat_worker(uuid, text, text, int, text, jsonb, jsonb),
  @privschema@.retire_worker(uuid),
  @privschema@.prune_requests(int),
  @privschema@.extend_partitions(),
  @privschema@.drop_partitions(),
  @privschema@.refresh_statistics()
to @roleprefix@steadytext_worker;
