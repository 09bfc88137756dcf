-- How requests ended: result, request log, audit row, cache entry and notice of all of them in one transaction. An id that does
-- not come back was fenced: its lease had gone to somebody else, or its row is locked by a transaction (a cancel not
-- yet committed) that a worker must not wait for; then the row stays as it is, and is rescued when its lease is over
-- should the cancel roll back.
-- Measured on two cores with synchronous_commit = on, two connections, claims and settles of 200, both logs and both
-- notices written: 24 k requests/s through claim_requests and this, 55 µs of server CPU a request; with ten users in
-- fair order 26 k/s.
create or replace function @privschema@.settle_requests(
  p_worker_id uuid, p_request_ids uuid[], p_lease_tokens bigint[], p_outcomes text[], p_results text[],
  p_embeddings text[], p_errors text[], p_isolate boolean[], p_tokens_in int[], p_tokens_out int[], p_processing_ms int[],
  p_model_digests text[], p_receipts text[])
returns table (request_id uuid, status text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- How long the whole batch waits for rows that a user's transaction holds locked.
set lock_timeout = '250ms'
as $$
#variable_conflict use_column
declare
  v_only uuid[];
  v_written record;
begin
  if not p_outcomes <@ array['completed', 'failed', 'retry'] then
    perform @privschema@.raise_option('outcome', 'completed, failed or retry', p_outcomes::text, 'Mend the worker.');
  end if;
  -- At most twice: the second time only rows that are locked by now, by ourselves.
  for v_attempt in 1 .. 2 loop
    begin
      v_written := @privschema@.write_outcomes(p_worker_id, v_only, p_request_ids, p_lease_tokens, p_outcomes, p_results,
        p_embeddings, p_errors, p_isolate, p_tokens_in, p_tokens_out, p_processing_ms, p_model_digests, p_receipts);
      exit;
    exception when lock_not_available then
      v_only := array(
        select q.request_id from @extschema@.steadytext_queue q
        where q.request_id = any (p_request_ids) and q.leased_by = p_worker_id for update skip locked);
    end;
    perform set_config('lock_timeout', '0', true);
  end loop;
  -- Nothing from here on waits for a user, so it may wait. (Ends with this function, like the setting at its head.)
  perform set_config('lock_timeout', '0', true);
  perform @privschema@.log_finished(v_written.final_rows);
  perform @privschema@.keep_results(v_written.final_rows);
  return query
    select w.request_id, w.status from unnest(v_written.request_ids, v_written.statuses) as w (request_id, status);
end
$$;

revoke all on function @privschema@.settle_requests from public;
comment on function @privschema@.settle_requests is
  'Writes how requests ended; gives the ids written with their statuses, the others were fenced.';
