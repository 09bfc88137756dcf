-- As in sql/api/aliases, but gives a vector.
create or replace function @extschema@.st_embed(
  text_input text, use_cache boolean default true, seed int default null, model text default null,
  unsafe_mode boolean default false, on_error text default 'raise')
returns @vectorschema@.vector
language sql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_embed(text_input, use_cache, seed, model, unsafe_mode, on_error)
$$;

revoke all on function @extschema@.st_embed from public;
comment on function @extschema@.st_embed is 'Short for steadytext_embed.';
