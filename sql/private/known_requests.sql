-- What idempotency keys stand for: the requests they were first used with. A key that comes with another request is a
-- mistake of the caller that must not go unseen; nor a batch that has grown, or of which a part was pruned (some of it was
-- inserted just now), or that has shrunk (the key after its last is known). Keys are known as long as their requests are kept, by the setting
-- queue_retention. The same request is one of the same input that was called in the same way, whatever it would come to
-- now; or that comes to the same now as then, however it is called.
-- Each key is looked up by itself, with the plan pinned: without statistics, as on a new database, the planner took all
-- keys of the user for each of them, and 10,000 inputs repeated took 14.9 s in place of 0.2.
create or replace function @privschema@.known_requests(
  p_user_id int, p_request_type text, p_prompts text[], p_params jsonb, p_model text, p_call_digest bytea, p_keys text[],
  p_inserted bigint, p_keys_and_next text[])
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
  v_ids uuid[];
  v_other text;
begin
  select i.idempotency_key into v_other
  from unnest(p_keys_and_next, p_prompts) as i (idempotency_key, prompt)
  cross join lateral (
    select k.request_type, k.prompt, k.model, k.call_digest,
           -- Embeddings from before there was on_long_text say nothing of it, and were cut as they are now.
           case k.request_type when 'embed' then '{"on_long_text": "truncate"}' || k.params else k.params end as params
    from @extschema@.steadytext_queue k
    where k.user_id = p_user_id and k.idempotency_key = i.idempotency_key
    offset 0) q
  where (q.request_type, q.prompt) is distinct from (p_request_type, i.prompt)
    or (q.call_digest is distinct from p_call_digest and (q.model, q.params) is distinct from (p_model, p_params))
  limit 1;
  if found then
    raise exception using errcode = 'ST005',
      message = format(
        'Idempotency key "%s" should come with what it was first used for, but came with another request',
        replace(v_other, E'\x1f', '#')),
      hint = 'Use a new key for a new request.';
  elsif p_inserted > 0 then
    raise exception using errcode = 'ST005',
      message = format(
        'Idempotency key "%s" should come with the batch it was first used for, but %s of these %s requests are not known',
        split_part(p_keys[1], E'\x1f', 1), p_inserted, cardinality(p_keys)),
      hint = 'The batch has grown, or part of it was pruned after queue_retention: use a new key for what is not known.';
  end if;
  select array_agg(q.request_id order by i.position) into v_ids
  from unnest(p_keys) with ordinality as i (idempotency_key, position)
  cross join lateral (
    select k.request_id
    from @extschema@.steadytext_queue k
    where k.user_id = p_user_id and k.idempotency_key = i.idempotency_key
    offset 0) q;
  if cardinality(v_ids) is distinct from cardinality(p_keys) then
    raise exception 'A request with this idempotency key was pruned just now'
      using errcode = '40001', hint = 'Repeat the call.';
  end if;
  return v_ids;
end
$$;

revoke all on function @privschema@.known_requests from public;
comment on function @privschema@.known_requests is
  'Ids of the requests that idempotency keys stand for; ST005 if one stands for another request.';
