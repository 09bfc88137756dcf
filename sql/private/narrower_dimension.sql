-- How many numbers a model is to give where whoever asks wants fewer than it has; null where it is to give them all. What it lacks
-- of a larger width is not for it to give: fitted_embedding does.
create or replace function @privschema@.narrower_dimension(p_model text)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select w.width
  from @privschema@.embedding_width() as w (width)
  join @extschema@.steadytext_models m on m.name = p_model and m.dimension > w.width
  where w.width > 0
$$;

revoke all on function @privschema@.narrower_dimension from public;
comment on function @privschema@.narrower_dimension is 'Numbers that a model is to give of an embedding, or null for all.';
