-- What a request would take, before it is enqueued: nothing is. Tokens are estimated as the fleet does it to divide its work, from the
-- length of the text; of what waits only the caller's own is counted, since others' are nobody's to know.
create or replace function @extschema@.steadytext_estimate(
  prompt text, request_type text default 'generate', max_tokens int default null, model text default null,
  params jsonb default '{}', priority int default 5)
returns table (
  prompt_tokens int, max_total_tokens int, cache_hit boolean, requests_ahead bigint, wait_seconds double precision,
  budget_left bigint)
language plpgsql volatile rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, inputs, options, model, priority)
  values ('estimate', array[prompt], jsonb_build_object('request_type', request_type, 'max_tokens', max_tokens, 'params', params),
    model, priority)
  returning answer into v_answer;
  return query
    select (v_answer ->> 'prompt_tokens')::int, (v_answer ->> 'max_total_tokens')::int, (v_answer ->> 'cache_hit')::boolean,
           (v_answer ->> 'requests_ahead')::bigint, (v_answer ->> 'wait_seconds')::double precision, null::bigint;
end
$$;

revoke all on function @extschema@.steadytext_estimate from public;
comment on function @extschema@.steadytext_estimate is
  'Tokens, cache hit and wait to expect of a request, without enqueueing it; null where it cannot be told.';
