-- steadytext_embed with the cache on, which it is by default.
create or replace function @extschema@.steadytext_embed_cached(
  text_input text, seed int default null, model text default null, unsafe_mode boolean default false,
  on_error text default 'raise')
returns real[]
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
begin
  return @extschema@.steadytext_embed(text_input, true, seed, model, unsafe_mode, on_error);
end
$$;

revoke all on function @extschema@.steadytext_embed_cached from public;
comment on function @extschema@.steadytext_embed_cached is 'As steadytext_embed, which looks into the cache too.';
