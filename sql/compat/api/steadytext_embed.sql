-- As in sql/api/sync, but gives a vector: PL/pgSQL casts what is returned, wherever pgvector lies.
create or replace function @extschema@.steadytext_embed(
  text_input text, use_cache boolean default true, seed int default null, model text default null,
  unsafe_mode boolean default false, on_error text default 'raise')
returns @vectorschema@.vector
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answers jsonb;
begin
  perform @privschema@.check_on_error(on_error, false);
  v_answers := @privschema@.sync_run('embed', array[text_input], jsonb_build_object('use_cache', use_cache, 'seed', seed), model, unsafe_mode);
  return @privschema@.fitted_embedding(
    (@privschema@.sync_outcome(v_answers -> 0, on_error) ->> 'embedding')::real[], on_error);
end
$$;

revoke all on function @extschema@.steadytext_embed from public;
comment on function @extschema@.steadytext_embed is
  'Embeds a text and waits for it: numbers of unit length, as a vector.';
