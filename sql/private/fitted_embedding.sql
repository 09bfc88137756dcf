-- An embedding as wide as whoever asks wants it. Zeros at its end change neither its length nor its distance to another one that has them
-- too. One that is wider is never cut here: only a model knows where it may be.
create or replace function @privschema@.fitted_embedding(p_embedding real[], p_on_error text)
returns real[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_own int := cardinality(p_embedding);
  v_width int;
begin
  -- Of most requests there is none.
  if p_embedding is null then
    return null;
  end if;
  v_width := @privschema@.embedding_width();
  if v_width in (0, v_own) then
    return p_embedding;
  elsif v_width > v_own then
    return p_embedding || array_fill(0::real, array[v_width - v_own]);
  elsif p_on_error = 'raise' then
    perform @privschema@.raise_option('steadytext.embedding_dimensions',
      format('0, or at least the %s numbers that this embedding has', v_own), v_width::text,
      'Set it to that, or embed again: where the model can be cut, it then is.');
  end if;
  return null;
end
$$;

revoke all on function @privschema@.fitted_embedding from public;
comment on function @privschema@.fitted_embedding is 'An embedding with the zeros that steadytext.embedding_dimensions asks for.';
