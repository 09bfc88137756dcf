-- Runs a completed request again, and says whether the same came of it. No worker sees the second run before this
-- transaction commits, so the first call enqueues it and says "pending"; call again for the verdict: same, different,
-- not comparable (made by another model, converter, engine, runtime or CPU class: `was` and `is` say which), altered (the
-- row is not what its receipt was written for), failed. With `again` a verdict does not stand: there is one more run. Two
-- who ask for the first time at once make two runs, which costs time and no truth.
create or replace function @extschema@.steadytext_verify(request_id uuid, again boolean default false)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request @extschema@.steadytext_queue;
  v_run @extschema@.steadytext_queue;
begin
  select q.* into v_request
  from @extschema@.steadytext_queue q
  where q.request_id = steadytext_verify.request_id and @privschema@.may_verify(q.user_id);
  if not found then
    raise exception 'Request ID % not found', request_id
      using hint = 'It is another user''s, was never enqueued, or was pruned after queue_retention.';
  elsif v_request.status <> 'completed' then
    raise exception using errcode = 'ST011',
      message = format('Request %s should be completed to be verified, but is %s', request_id, v_request.status),
      hint = 'Only a result can be compared with another one; steadytext_check_async says how a request is doing.';
  end if;
  select q.* into v_run
  from @extschema@.steadytext_queue q
  where q.verifies = v_request.request_id
  order by q.id desc limit 1;
  if not found or (again and v_run.completed_at is not null) then
    return jsonb_build_object('verdict', 'pending', 'status', 'pending',
      'verification', @privschema@.enqueue_verification(v_request));
  end if;
  return @privschema@.compare_runs(v_request, v_run);
end
$$;

revoke all on function @extschema@.steadytext_verify from public;
comment on function @extschema@.steadytext_verify is
  'Runs a completed request again; says whether the same came of it, at the next call.';
