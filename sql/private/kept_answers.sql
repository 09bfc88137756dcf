-- The answers of a synchronous call whose results are all in the cache, without a row of its own and without being counted: for a
-- standby. Null where one is not there, or where anything is wrong with the call, which the primary then says.
create or replace function @privschema@.kept_answers(
  p_role_name text, p_call text, p_inputs text[], p_options jsonb, p_model text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_type text := split_part(p_call, ' ', 1);
  v_facts record;
  v_head bytea;
  v_answers jsonb;
begin
  v_facts := @privschema@.enqueue_facts(p_role_name, v_type, p_model);
  if v_facts.caches is not true or num_nulls(v_facts.model, v_facts.user_id) > 0 or p_options ->> 'use_cache' = 'false' then
    return null;
  end if;
  v_head := @privschema@.cache_key_head(v_type, v_facts.model,
    @privschema@.checked_params(v_type, p_options, v_facts.max_tokens, v_facts.default_max_tokens, v_facts.default_seed,
      v_facts.default_dimension));
  select jsonb_agg(jsonb_build_object('result', e.result, 'embedding', e.embedding::text) order by i.position)
  into v_answers
  from unnest(p_inputs) with ordinality as i (input, position)
  cross join lateral (
    select c.result, c.embedding from @privschema@.cache_states c
    join @extschema@.steadytext_models m on m.name = c.model and m.digest = c.model_digest
    where c.user_id = v_facts.user_id and c.cache_key = @privschema@.cache_key(v_head, i.input) and c.counts
    offset 0) e;
  return case when jsonb_array_length(v_answers) = cardinality(p_inputs) then v_answers end;
exception when others then
  return null;
end
$$;

revoke all on function @privschema@.kept_answers from public;
comment on function @privschema@.kept_answers is 'Answers of a synchronous call from a standby''s cache, or null.';
