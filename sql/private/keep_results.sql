-- Puts results into the cache, of requests that have just completed and have a key. Called by settle, with where the rows lie.
-- A row that is there already stays, unless it was there when this request was enqueued: then that request had found it of
-- another model, past its time or cleared. In the order of the keys, so that two settles wait for each other in one order. What an
-- administrator's open transaction holds is waited for a quarter of a second; then nothing of this batch is kept, for no
-- request may wait for the cache.
create or replace function @privschema@.keep_results(p_rows tid[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
set lock_timeout = '250ms'
as $$
begin
  insert into @extschema@.steadytext_cache_entries as e
    (user_id, cache_key, cache_type, model, model_digest, result, embedding, tokens_in, tokens_out, receipt, entry_bytes,
     last_accessed)
  select distinct on (q.user_id, q.cache_key)
    q.user_id, q.cache_key, @privschema@.cache_type_of(q.request_type), q.model, q.model_digest, q.result, q.embedding, q.tokens_in,
    q.tokens_out, case when q.receipt ? 'shared' then q.receipt - 'shared' else q.receipt end,
    200 + coalesce(octet_length(q.result), 4 * cardinality(q.embedding)) + octet_length(q.receipt::text), q.created_at
  from @extschema@.steadytext_queue q
  where q.ctid = any (p_rows) and q.cache_key is not null and q.status = 'completed' and q.model_digest is not null
    and num_nonnulls(q.result, q.embedding) = 1 and @privschema@.may_be_cached(q.receipt)
  order by q.user_id, q.cache_key
  on conflict on constraint cache_entries_key_unique do update set
    model_digest = excluded.model_digest, result = excluded.result, embedding = excluded.embedding,
    tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out, receipt = excluded.receipt,
    entry_bytes = excluded.entry_bytes, last_accessed = excluded.last_accessed, created_at = excluded.created_at
  where e.created_at < excluded.last_accessed;
exception when lock_not_available or deadlock_detected then
  null;
end
$$;

revoke all on function @privschema@.keep_results from public;
comment on function @privschema@.keep_results is 'Puts the results of requests that have just completed into the cache.';
