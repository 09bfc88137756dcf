-- The answers of a synchronous call whose results are all in the cache: given here and now, as requests of this transaction, and without
-- the side channel. Null where one is not, or where anything is wrong with the call, which the far end then says.
create or replace function @privschema@.sync_cached(
  p_role_name text, p_call text, p_inputs text[], p_options jsonb, p_model text, p_unsafe_mode boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type text := split_part(p_call, ' ', 1);
  v_facts record;
  v_head bytea;
  v_ids uuid[];
begin
  -- Not where it is declared: what is wrong with the call is caught here too.
  v_facts := @privschema@.enqueue_facts(p_role_name, v_type, p_model);
  if v_facts.caches is not true or v_facts.model is null or p_options ->> 'use_cache' = 'false' or cardinality(p_inputs) = 0 then
    return null;
  end if;
  v_head := @privschema@.cache_key_head(v_type, v_facts.model,
    @privschema@.checked_params(v_type, p_options, v_facts.max_tokens, v_facts.default_max_tokens, v_facts.default_seed,
      v_facts.default_dimension));
  if exists (
    select from unnest(p_inputs) as i (input)
    where @privschema@.kept_result(p_role_name, @privschema@.cache_key(v_head, i.input)) is null)
  then
    return null;
  end if;
  v_ids := @privschema@.enqueue_call(p_role_name, p_call, p_inputs, p_options, p_model, p_unsafe_mode, null, null, null);
  if exists (
    select from @extschema@.steadytext_queue q where q.request_id = any (v_ids) and q.status <> 'completed')
  then
    -- It was evicted just now. No user meets this code: it takes back what was enqueued.
    raise exception using errcode = 'STYET';
  end if;
  return @privschema@.sync_results(v_ids);
exception when others then
  return null;
end
$$;

revoke all on function @privschema@.sync_cached from public;
comment on function @privschema@.sync_cached is 'Answers of a synchronous call from the cache, or null.';
