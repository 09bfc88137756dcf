-- Enqueue a failed or cancelled request again, with all its retries before it. Its id stays, and so does its lease
-- token's count; of the attempt before, which its logs have told, nothing is left that they would tell again. It now
-- belongs to this transaction, in which waiting for it could never end.
create or replace function @privschema@.retry_request(p_role_name text, p_request_id uuid)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request record;
begin
  select q.request_id, q.status into v_request
  from @extschema@.steadytext_queue q
  where q.request_id = p_request_id and @privschema@.may_see(p_role_name, q.user_id)
  for update;
  if not found then
    raise exception 'Request ID % not found', p_request_id
      using hint = 'It is another user''s, was never enqueued, or was pruned after queue_retention.';
  elsif v_request.status not in ('failed', 'cancelled') then
    raise exception using errcode = 'ST007',
      message = format('Request %s should be failed or cancelled to be retried, but is %s',
                       p_request_id, v_request.status),
      hint = 'Enqueue a new request to run it again.';
  end if;
  update @extschema@.steadytext_queue q
  set status = 'pending', runnable = true, retry_count = 0, scheduled_at = clock_timestamp(), completed_at = null,
      started_at = null, processing_time_ms = null, error = null, isolated = false, daemon_endpoint = null,
      receipt = null, tokens_in = null, tokens_out = null, model_digest = null, enqueued_xid = pg_current_xact_id()
  where q.request_id = v_request.request_id;
  update @privschema@.write_backs w set is_finished = false, outcome = null, error = null, noted_at = null
  where w.request_id = v_request.request_id and (w.outcome is null or w.outcome in ('failed', 'cancelled'));
  perform @privschema@.log_retried(p_role_name, v_request.request_id);
  perform @privschema@.notify_queue();
  return true;
end
$$;

revoke all on function @privschema@.retry_request from public;
comment on function @privschema@.retry_request is
  'Enqueues a failed or cancelled request again for a role that may see it.';
