-- What the audit log says of finished requests: lengths, counts, options that are numbers or switches, and the input's hash
-- under our key, so that a reader of the log can tell equal inputs without being able to guess them. Never any text of a user.
create or replace function @privschema@.audit_rows(p_ids bigint[])
returns table (
  "timestamp" timestamptz, user_id int, event_type text, function_name text, request_id uuid, parameters jsonb,
  result_size int, duration_ms int, ip_address inet, success boolean, error_message text, xid xid8)
language sql stable
as $$
  select q.completed_at, q.user_id, 'request_' || q.status, 'steadytext_' || q.request_type || '_async', q.request_id,
    jsonb_strip_nulls(jsonb_build_object(
      'input_length', length(q.prompt),
      'input_hash', encode(sha256(k.key || sha256(convert_to(q.prompt, 'UTF8'))), 'hex'),
      'documents', jsonb_array_length(q.params -> 'documents'),
      'model', q.model, 'priority', q.priority, 'max_tokens', q.params -> 'max_tokens', 'seed', q.params -> 'seed',
      'temperature', q.params -> 'temperature', 'use_cache', q.params -> 'use_cache')),
    coalesce(octet_length(q.result), 4 * cardinality(q.embedding), 0),
    least(2147483647, greatest(0, extract(epoch from q.completed_at - q.created_at) * 1000))::int,
    q.client_addr, q.status = 'completed', left(q.error, 500), pg_current_xact_id()
  from @extschema@.steadytext_queue q
  cross join @privschema@.hash_key k
  where q.id = any (p_ids)
$$;

revoke all on function @privschema@.audit_rows(bigint[]) from public;
comment on function @privschema@.audit_rows(bigint[]) is 'Audit rows of finished requests, without their digests.';
