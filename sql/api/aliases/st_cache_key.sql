-- steadytext_cache_key under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_key(cache_type text, prompt text, max_tokens int default null)
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_cache_key(cache_type, prompt, max_tokens)
$$;

revoke all on function @extschema@.st_cache_key from public;
comment on function @extschema@.st_cache_key is 'Short for steadytext_cache_key.';
