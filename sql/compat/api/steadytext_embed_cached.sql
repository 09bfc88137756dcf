-- As in sql/api/sync, but gives a vector, and says that a remote model is not allowed without the prefix that others have.
create or replace function @extschema@.steadytext_embed_cached(
  text_input text, seed int default null, model text default null, unsafe_mode boolean default false,
  on_error text default 'raise')
returns @vectorschema@.vector
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  if on_error = 'raise' and strpos(model, ':') > 0 and unsafe_mode is not true then
    raise exception 'Remote models (containing '':'' ) require unsafe_mode=TRUE'
      using hint = 'Call it with unsafe_mode => true, which has the text sent to that provider, or name a model without a colon.';
  end if;
  return @extschema@.steadytext_embed(text_input, true, seed, model, unsafe_mode, on_error);
end
$$;

revoke all on function @extschema@.steadytext_embed_cached from public;
comment on function @extschema@.steadytext_embed_cached is 'As steadytext_embed, which looks into the cache too.';
