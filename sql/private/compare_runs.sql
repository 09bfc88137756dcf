-- What a second run says of a request. Only what made both results decides whether they can be compared: equal bytes are
-- promised for one model, converter, engine, runtime, CPU class and longest sequence. No hash is given away: a short text
-- could be guessed from it. What nobody promised to come again (p_run is then p_request) is looked at for changes alone.
create or replace function @privschema@.compare_runs(
  p_request @extschema@.steadytext_queue, p_run @extschema@.steadytext_queue)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answer jsonb := jsonb_build_object('verification', p_run.request_id);
  v_was jsonb;
  v_is jsonb;
  v_given jsonb := p_request.receipt -> 'parameters';
  v_given_now jsonb := p_run.receipt -> 'parameters';
  v_altered text[];
  v_equal boolean;
begin
  if p_run.completed_at is null then
    return v_answer || jsonb_build_object('verdict', 'pending', 'status', p_run.status);
  elsif p_run.status <> 'completed' then
    return v_answer || jsonb_build_object('verdict', 'failed', 'status', p_run.status, 'error', p_run.error);
  end if;

  select jsonb_object_agg(o.key, p_request.receipt -> o.key), jsonb_object_agg(o.key, p_run.receipt -> o.key)
  into v_was, v_is
  from unnest(array['digest', 'format', 'converter', 'engine', 'onnxruntime', 'cpu_class', 'longest']) as o (key)
  where p_request.receipt -> o.key is distinct from p_run.receipt -> o.key;

  -- What stands in the row must be what the receipt was written for. Receipts of older workers hold no hashes, and may hold
  -- fewer parameters than they would now: where the origins differ only those count that both have.
  v_altered := array_remove(array[
    case when p_request.receipt ->> 'input' <> @privschema@.input_hash(p_request.prompt, p_request.params)
      then 'input' end,
    case when p_request.receipt ->> 'output' <> @privschema@.output_hash(p_request.result, p_request.embedding)
      then 'output' end,
    -- What the second run was given is what stands in the row now. Of a parameter in both, the later one stays in a join.
    case when v_was is null and v_given <> v_given_now
           or v_given || v_given_now <> v_given_now || v_given then 'parameters' end], null);
  if cardinality(v_altered) > 0 then
    return v_answer || jsonb_build_object('verdict', 'altered', 'differs', v_altered);
  end if;

  if p_request.receipt -> 'deterministic' = 'false' then
    return v_answer || jsonb_build_object('verdict', 'not comparable', 'was', '{"deterministic": false}'::jsonb);
  end if;

  v_equal := @privschema@.output_hash(p_request.result, p_request.embedding)
    is not distinct from @privschema@.output_hash(p_run.result, p_run.embedding);
  if v_was is not null then
    v_answer := v_answer || jsonb_build_object('was', v_was, 'is', v_is);
  end if;
  return v_answer || case
    when v_equal then jsonb_build_object('verdict', 'same')
    when v_was is not null then jsonb_build_object('verdict', 'not comparable')
    else jsonb_build_object('verdict', 'different', 'differs', array['output'])
  end;
end
$$;

revoke all on function @privschema@.compare_runs from public;
comment on function @privschema@.compare_runs is 'Whether a second run of a request gave the same; what differs.';
