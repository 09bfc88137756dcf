-- Completes those of a user's requests, enqueued in this transaction, whose results are known. They were never claimed
-- (their lease token is 0), by which the logs tell that they came from here.
create or replace function @privschema@.complete_from_cache(
  p_user_id int, p_request_type text, p_request_ids uuid[], p_keys text[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
  v_entries bigint[] := @privschema@.find_kept(p_user_id, p_request_type, p_keys);
  v_rows tid[];
begin
  with given as (
    update @extschema@.steadytext_queue q
    set status = 'completed', runnable = false, completed_at = clock_timestamp(), result = e.result, embedding = e.embedding,
        tokens_in = e.tokens_in, tokens_out = e.tokens_out, processing_time_ms = 0, model_digest = e.model_digest,
        receipt = e.receipt || '{"cached": true}'
    from unnest(p_request_ids, v_entries) as i (request_id, entry_id)
    join @extschema@.steadytext_cache_entries e on e.id = i.entry_id
    where q.request_id = i.request_id
    returning q.ctid
  )
  select array_agg(g.ctid) into v_rows from given g;
  perform @privschema@.log_finished(v_rows);
end
$$;

revoke all on function @privschema@.complete_from_cache from public;
comment on function @privschema@.complete_from_cache is 'Completes new requests of a user whose results are in the cache.';
