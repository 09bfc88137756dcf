-- As in sql/api/aliases, but with the reference's name for the facts and its threshold.
create or replace function @extschema@.st_deduplicate_facts(
  facts jsonb, similarity_threshold double precision default 0.8, use_cache boolean default true,
  seed int default null, model text default null, unsafe_mode boolean default false, on_error text default 'raise')
returns jsonb
language sql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_deduplicate_facts(facts, similarity_threshold, use_cache, seed, model,
    unsafe_mode, on_error)
$$;

revoke all on function @extschema@.st_deduplicate_facts from public;
comment on function @extschema@.st_deduplicate_facts is 'Short for steadytext_deduplicate_facts.';
