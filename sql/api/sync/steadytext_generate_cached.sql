-- steadytext_generate with the cache on, which it is by default.
create or replace function @extschema@.steadytext_generate_cached(
  prompt text, max_tokens int default null, seed int default null, on_error text default 'raise')
returns text
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
begin
  return @extschema@.steadytext_generate(prompt, max_tokens, true, seed, on_error => on_error);
end
$$;

revoke all on function @extschema@.steadytext_generate_cached from public;
comment on function @extschema@.steadytext_generate_cached is 'As steadytext_generate, which looks into the cache too.';
