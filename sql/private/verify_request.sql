-- The second run of a completed request, for a role that may have it verified: enqueued at the first call, and compared when
-- it has ended. What its receipt says is not deterministic, as a provider's, is not run again: it would tell nothing, and
-- send the prompt out once more. Two who ask for the first time at once make two runs, which costs time and no truth.
create or replace function @privschema@.verify_request(p_role_name text, p_request_id uuid, p_again boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request @extschema@.steadytext_queue;
  v_run @extschema@.steadytext_queue;
begin
  select q.* into v_request
  from @extschema@.steadytext_queue q
  where q.request_id = p_request_id and @privschema@.may_verify(p_role_name, q.user_id);
  if not found then
    raise exception 'Request ID % not found', p_request_id
      using errcode = 'no_data_found', hint = 'It is another user''s, was never enqueued, or was pruned after queue_retention.';
  elsif v_request.status <> 'completed' then
    raise exception using errcode = 'ST011',
      message = format('Request %s should be completed to be verified, but is %s', p_request_id, v_request.status),
      hint = 'Only a result can be compared with another one; steadytext_check_async says how a request is doing.';
  end if;
  if v_request.receipt -> 'deterministic' = 'false' then
    perform @privschema@.log_action(p_role_name, 'verification_requested', 'steadytext_verify', p_request_id, '{}');
    return @privschema@.compare_runs(v_request, v_request) || '{"verification": null}';
  end if;
  select q.* into v_run
  from @extschema@.steadytext_queue q
  where q.verifies = v_request.request_id
  order by q.id desc limit 1;
  if not found or (p_again and v_run.completed_at is not null) then
    return jsonb_build_object('verdict', 'pending', 'status', 'pending',
      'verification', @privschema@.enqueue_verification(p_role_name, v_request));
  end if;
  return @privschema@.compare_runs(v_request, v_run);
end
$$;

revoke all on function @privschema@.verify_request from public;
comment on function @privschema@.verify_request is
  'Enqueues the second run of a request, or says what came of it.';
