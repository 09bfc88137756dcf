-- Waits until a request is final and gives what it came to, or raises: unknown (or another's), failed, cancelled, out of
-- time, and the two cases in which waiting could never end. Reads as whoever waits, so the view says whose rows there
-- are. Looks every 5 ms at first and every 50 ms at last. The caller's snapshot stays open while it waits and holds back
-- vacuum, so long waits belong to LISTEN steadytext_result. But no lock on a table is kept between two looks: a few clients
-- that wait in turn would leave migrate no moment for its own.
create or replace function @privschema@.wait_for_request(
  p_request_id uuid, p_timeout_seconds int, out request_type text, out result text, out embedding real[])
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_timeout int := coalesce(p_timeout_seconds, 30);
  v_deadline timestamptz := clock_timestamp() + make_interval(secs => v_timeout);
  v_pause double precision := 0.005;
  v_request record;
begin
  if v_timeout < 0 then
    raise exception 'Timeout cannot be negative' using hint = 'Use 0 to look once without waiting.';
  end if;
  loop
    begin
      select q.request_id, q.status, q.completed_at, q.enqueued_xid, q.retry_count, q.error, q.request_type, q.result, q.embedding
        into v_request
      from @extschema@.steadytext_requests q
      where q.request_id = p_request_id;
      exit when not found or v_request.completed_at is not null;
      -- No user meets this code: it takes back the look at a row that is not final yet, and its locks with it.
      raise exception using errcode = 'STYET';
    exception when sqlstate 'STYET' then
      null;
    end;
    perform @privschema@.check_wait_can_end(v_request.enqueued_xid);
    if clock_timestamp() >= v_deadline then
      raise exception 'Timeout waiting for async result (% seconds)', v_timeout
        using hint = format('The request is still %s; ask again later, or look with steadytext_check_async.',
                            v_request.status);
    end if;
    perform pg_sleep(least(v_pause, greatest(0, extract(epoch from v_deadline - clock_timestamp()))));
    v_pause := least(v_pause * 1.5, 0.05);
  end loop;
  if v_request.request_id is null then
    raise exception 'Request ID % not found', p_request_id
      using hint = 'It is another user''s, was never enqueued, or was pruned after queue_retention.';
  end if;
  perform @privschema@.check_succeeded(p_request_id, v_request.status, v_request.error, v_request.retry_count);
  request_type := v_request.request_type;
  result := v_request.result;
  embedding := v_request.embedding;
end
$$;

revoke all on function @privschema@.wait_for_request from public;
comment on function @privschema@.wait_for_request is 'Waits for a request to complete and gives what it came to.';
