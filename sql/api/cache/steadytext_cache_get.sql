-- What is kept of one's own under a key: the text, of an embedding its numbers as an array in text form. Null where nothing is that
-- still counts. A look is no hit.
create or replace function @extschema@.steadytext_cache_get(cache_key text)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, inputs) values ('cache get', array[cache_key])
  returning answer into v_answer;
  return v_answer #>> '{}';
end
$$;

revoke all on function @extschema@.steadytext_cache_get from public;
comment on function @extschema@.steadytext_cache_get is 'Your kept result under a key of steadytext_cache_key, or null.';
