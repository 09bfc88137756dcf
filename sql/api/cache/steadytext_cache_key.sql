-- The key under which the result of a call is kept that names nothing but these, as steadytext_generate(prompt, max_tokens) and
-- steadytext_embed(text) do.
create or replace function @extschema@.steadytext_cache_key(cache_type text, prompt text, max_tokens int default null)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, inputs, options)
  values ('cache key', array[prompt], jsonb_build_object('cache_type', cache_type, 'max_tokens', max_tokens))
  returning answer into v_answer;
  return v_answer #>> '{}';
end
$$;

revoke all on function @extschema@.steadytext_cache_key from public;
comment on function @extschema@.steadytext_cache_key is
  'Key of a generation or an embedding with default options, for steadytext_cache_get.';
