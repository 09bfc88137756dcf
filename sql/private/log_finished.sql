-- What is written down of requests that have just become final, in the transaction that made them so: one row in the request
-- log, one in the audit log, one notice on each result channel. Called by settle, rescue and cancel, and by nothing else.
create or replace function @privschema@.log_finished(p_ids bigint[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
begin
  if cardinality(p_ids) = 0 then
    return;
  end if;
  insert into @extschema@.steadytext_request_log
    (finished_at, requested_at, user_id, request_id, request_type, model, model_digest, outcome, tokens_in, tokens_out,
     tokens_used, queue_wait_ms, duration_ms, retry_count, worker_id)
  select q.completed_at, q.created_at, q.user_id, q.request_id, q.request_type, q.model, q.model_digest, q.status, q.tokens_in,
         q.tokens_out, coalesce(q.tokens_in, 0) + coalesce(q.tokens_out, 0),
         greatest(0, extract(epoch from coalesce(q.started_at, q.completed_at) - q.scheduled_at) * 1000)::bigint,
         q.processing_time_ms, q.retry_count, q.daemon_endpoint::uuid
  from @extschema@.steadytext_queue q
  where q.id = any (p_ids);
  insert into @extschema@.steadytext_audit_log
    ("timestamp", user_id, event_type, function_name, request_id, parameters, result_size, duration_ms, ip_address, success,
     error_message, xid, digest)
  select a."timestamp", a.user_id, a.event_type, a.function_name, a.request_id, a.parameters, a.result_size, a.duration_ms,
         a.ip_address, a.success, a.error_message, a.xid,
         @privschema@.audit_digest(a."timestamp", a.user_id, a.event_type, a.function_name, a.request_id, a.parameters,
           a.result_size, a.duration_ms, a.ip_address, a.success, a.error_message, a.xid)
  from @privschema@.audit_rows(p_ids) a;
  perform @privschema@.notify_finished(array(
    select q.request_id from @extschema@.steadytext_queue q where q.id = any (p_ids)));
end
$$;

revoke all on function @privschema@.log_finished(bigint[]) from public;
comment on function @privschema@.log_finished(bigint[]) is 'Writes request log, audit log and notices of requests that are final now.';
