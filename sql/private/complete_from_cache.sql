-- Completes those of a user's requests, enqueued in this transaction, whose results are known. They were never claimed
-- (their lease token is 0), by which the logs tell that they came from here. What it finds it reads and does not lock: nobody
-- waits for anybody.
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
  v_type text := @privschema@.cache_type_of(p_request_type);
  v_ids uuid[];
  v_entries bigint[];
  v_rows tid[];
begin
  select array_agg(i.request_id order by i.request_id), array_agg(e.id order by i.request_id) into v_ids, v_entries
  from unnest(p_request_ids, p_keys) as i (request_id, cache_key)
  -- Each key by itself: planned while the cache was empty, a join read all entries of the user for each of them.
  cross join lateral (
    select c.id, c.model, c.model_digest from @privschema@.cache_states c
    where c.user_id = p_user_id and c.cache_key = i.cache_key and c.counts
    offset 0) e
  join @extschema@.steadytext_models m on m.name = e.model and m.digest = e.model_digest;
  insert into @privschema@.cache_touches (user_id, cache_type, entry_ids, misses)
  values (p_user_id, v_type, v_entries, cardinality(p_request_ids) - coalesce(cardinality(v_ids), 0));
  perform @privschema@.log_cache(format('%s of %s found in %s of user %s', coalesce(cardinality(v_ids), 0),
    cardinality(p_request_ids), v_type, p_user_id));
  if v_ids is null then
    return;
  end if;
  with given as (
    update @extschema@.steadytext_queue q
    set status = 'completed', runnable = false, completed_at = clock_timestamp(), result = e.result, embedding = e.embedding,
        tokens_in = e.tokens_in, tokens_out = e.tokens_out, processing_time_ms = 0, model_digest = e.model_digest,
        receipt = e.receipt || '{"cached": true}'
    from unnest(v_ids, v_entries) as i (request_id, entry_id)
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
