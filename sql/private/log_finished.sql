-- What is written down of requests that have just become final, in the transaction that made them so: one row in the
-- request log, one in the audit log, their numbers, one notice on each result channel. Called by settle, rescue and cancel, and by
-- nothing else, with where the changed rows lie: this transaction wrote them, so nobody else moves them. By its key a row
-- would be found through its earlier versions, which the index leads to as well.
create or replace function @privschema@.log_finished(p_rows tid[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
  v_key bytea; v_full_text boolean; v_request_ids uuid[];
  -- Salts come of it, which is kept nowhere: a random one of each row would be 1.5 µs more.
  v_secret bytea := uuid_send(gen_random_uuid());
begin
  if p_rows is null then
    return;
  end if;
  select k.key, (select s.value = 'true' from @extschema@.steadytext_settings s where s.name = 'audit_full_text')
  into v_key, v_full_text from @privschema@.hash_key k where k.only_row;
  -- Named columns and none of the wide ones, computed once: `q.*` was kept with prompt and result for two readers.
  with finished as materialized (
    select q.completed_at, q.created_at, q.user_id, q.request_id, q.request_type, q.model, q.model_digest, q.status,
      q.tokens_in, q.tokens_out, q.processing_time_ms, q.retry_count, q.daemon_endpoint, q.client_addr,
      q.status = 'completed' as success, left(q.error, 500) as error, pg_current_xact_id() as xid,
      substr(sha256(v_secret || uuid_send(q.request_id)), 1, 16) as salt, 'request_' || q.status as event_type, 'steadytext_' || case when q.verifies is null then q.request_type || '_async' else 'verify' end as function_name,
      @privschema@.request_parameters(q.request_type, q.model, q.prompt, q.params, v_key, v_full_text) as parameters,
      coalesce(octet_length(q.result), 4 * cardinality(q.embedding), 0) as result_size,
      least(2147483647, greatest(0, date_part('epoch', q.completed_at - q.created_at) * 1000))::int as duration_ms,
      greatest(0, date_part('epoch', coalesce(q.started_at, q.completed_at) - greatest(q.scheduled_at, q.created_at)) * 1000)::bigint
        as queue_wait_ms, @privschema@.is_cache_hit(q.status, q.lease_token, q.receipt) as cache_hit
    from @extschema@.steadytext_queue q
    where q.ctid = any (p_rows)
  ), logged as (
    insert into @extschema@.steadytext_request_log
      (finished_at, requested_at, user_id, request_id, request_type, model, model_digest, outcome, tokens_in,
       tokens_out, tokens_used, queue_wait_ms, duration_ms, retry_count, worker_id, cache_hit)
    select f.completed_at, f.created_at, f.user_id, f.request_id, f.request_type, f.model, f.model_digest, f.status,
           f.tokens_in, f.tokens_out, case when f.cache_hit then 0 else coalesce(f.tokens_in, 0) + coalesce(f.tokens_out, 0) end,
           f.queue_wait_ms, f.processing_time_ms, f.retry_count, f.daemon_endpoint::uuid, f.cache_hit
    from finished f
  ), audited as (
    insert into @extschema@.steadytext_audit_log
      ("timestamp", user_id, event_type, function_name, request_id, parameters, result_size, duration_ms, ip_address,
       success, error_message, xid, salt, digest)
    select f.completed_at, f.user_id, f.event_type, f.function_name, f.request_id, f.parameters, f.result_size,
           f.duration_ms, f.client_addr, f.success, f.error, f.xid, f.salt,
           @privschema@.audit_row_digest(f.completed_at, f.user_id, f.event_type, f.request_id, f.result_size, f.duration_ms,
             f.success, f.xid, @privschema@.audit_text_digest(f.salt, f.parameters, f.client_addr, f.error), f.function_name)
    from finished f
  )
  select array_agg(f.request_id) into v_request_ids from finished f;
  if cardinality(v_request_ids) is distinct from cardinality(p_rows) then
    raise exception using errcode = 'triggered_data_change_violation',
      message = format('%s requests should be logged as final, but %s were found where they had just been written',
                       cardinality(p_rows), coalesce(cardinality(v_request_ids), 0)),
      hint = 'Take away the trigger after update that writes rows of the queue anew; one before update may change them.';
  end if;
  perform @privschema@.tally_finished(p_rows), @privschema@.note_finished(v_request_ids),
    @privschema@.notify_finished(v_request_ids);
end
$$;

revoke all on function @privschema@.log_finished from public;
comment on function @privschema@.log_finished is 'Writes request log, audit log and notices of requests that are final now.';
