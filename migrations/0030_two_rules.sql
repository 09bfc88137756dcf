-- What a request may be, as two constraints in few words and not twelve in many. PostgreSQL reads the text of each anew for every
-- statement, which was half of the insert of one request, and tries each for every row: of 20,000 rows an insert took 390 to
-- 480 ms and takes 320, an update 430 to 500 and takes 340 to 350. That params are an object stays by itself: to try it again, all of
-- them would be read, under a lock against everybody.
alter table @extschema@.steadytext_queue
  drop constraint queue_lifecycle,
  drop constraint queue_priority_in_range,
  drop constraint queue_retries_in_range,
  drop constraint queue_lease_token_counts,
  drop constraint queue_cost_positive,
  drop constraint queue_input_bytes_counts,
  drop constraint queue_created_at_finite,
  drop constraint queue_scheduled_at_finite,
  drop constraint queue_session_id_short,
  drop constraint queue_idempotency_key_short,
  drop constraint queue_traceparent_short,
  add constraint queue_lifecycle check (
    case when status = 'processing' then
        num_nulls(leased_by, lease_expires_at, started_at) = 0 and lease_token > 0 and completed_at is null
      else
        num_nonnulls(leased_by, lease_expires_at) = 0 and (completed_at is null) = (status = 'pending')
        and status in ('pending', 'completed', 'failed', 'cancelled', 'rejected')
    end
    and (not runnable or status = 'pending')
    and (status = 'completed' or num_nonnulls(result, results, embedding, embeddings) = 0)
    and (error is not null or status <> 'failed')),
  -- Times that are no points in time cannot be subtracted, and so a request could never end. Of an idempotency key 200 characters
  -- are the caller's, and the number in its batch comes behind them. Null is in range.
  add constraint queue_values_in_range check (
    priority between 1 and 10 and retry_count between 0 and max_retries and max_retries <= 100 and lease_token >= 0
    and cost_estimate > 0 and cost_estimate < 'infinity' and input_bytes >= 0
    and isfinite(created_at) and isfinite(scheduled_at)
    and length(session_id) <= 200 and length(idempotency_key) <= 220 and length(traceparent) <= 55);

comment on constraint queue_lifecycle on @extschema@.steadytext_queue is
  'What a request of each status has and has not: a lease while it is processing, an end when it is final, a result when completed.';
comment on constraint queue_values_in_range on @extschema@.steadytext_queue is
  'priority 1 to 10; retry_count 0 to max_retries, at most 100; lease_token and input_bytes not negative; cost_estimate positive and '
  'finite; created_at and scheduled_at finite; at most 200 characters of session_id, 220 of idempotency_key, 55 of traceparent.';

-- Signatures that have gone: what an enqueue looks up it looks up at once (enqueue_facts).
drop function if exists @privschema@.check_inputs(text, text[]);
drop function if exists @privschema@.checked_params(text, jsonb);
drop function if exists @privschema@.check_request_bytes(text[], jsonb);
drop function if exists @privschema@.resolve_model(text, text);
drop function if exists @privschema@.insert_requests(
  text, text, text[], jsonb, text, int, timestamptz, text, boolean, bytea);
