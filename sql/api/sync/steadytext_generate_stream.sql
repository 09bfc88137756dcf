-- Generate a text and give it as it is made, a row a piece (docs/sql-api.md). In the select list of a query PostgreSQL asks a function of
-- LANGUAGE sql for one row after the other, and a recursive query for one step after the other: so a cursor's FETCH 1 ends as soon as
-- there is a piece. PL/pgSQL would collect all rows first.
create or replace function @extschema@.steadytext_generate_stream(
  prompt text, max_tokens int default null, use_cache boolean default true, seed int default null,
  eos_string text default '[EOS]', model text default null, model_repo text default null, model_filename text default null,
  size text default null, unsafe_mode boolean default false, on_error text default 'raise')
returns setof text
language sql volatile parallel unsafe cost 100000 rows 100
set search_path = pg_catalog, pg_temp
as $$
  with recursive stream (step) as (
    select @privschema@.stream_first(
      steadytext_generate_stream.prompt, steadytext_generate_stream.max_tokens, steadytext_generate_stream.use_cache,
      steadytext_generate_stream.seed, steadytext_generate_stream.eos_string, steadytext_generate_stream.model,
      steadytext_generate_stream.model_repo, steadytext_generate_stream.model_filename, steadytext_generate_stream.size,
      steadytext_generate_stream.unsafe_mode, steadytext_generate_stream.on_error)
    union all
    select @privschema@.stream_next(s.step) from stream s where not s.step ? 'done'
  )
  select s.step ->> 'text' from stream s where s.step ? 'text'
$$;

revoke all on function @extschema@.steadytext_generate_stream from public;
comment on function @extschema@.steadytext_generate_stream is
  'Generates a text and gives it piece by piece: through a cursor each as soon as it is there.';
