-- steadytext_estimate under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_estimate(
  prompt text, request_type text default 'generate', max_tokens int default null, model text default null,
  params jsonb default '{}', priority int default 5)
returns table (
  prompt_tokens int, max_total_tokens int, cache_hit boolean, requests_ahead bigint, wait_seconds double precision,
  budget_left bigint)
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_estimate(prompt, request_type, max_tokens, model, params, priority)
$$;

revoke all on function @extschema@.st_estimate from public;
comment on function @extschema@.st_estimate is 'Short for steadytext_estimate.';
