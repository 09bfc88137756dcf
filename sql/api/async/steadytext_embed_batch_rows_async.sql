-- steadytext_embed_batch_async with a row an input: its place among the inputs, from 1, and its request.
create or replace function @extschema@.steadytext_embed_batch_rows_async(
  texts text[], use_cache boolean default true, seed int default null, model text default null,
  unsafe_mode boolean default false, priority int default 5, scheduled_at timestamptz default null,
  idempotency_key text default null, on_long_text text default 'truncate', dimension int default null,
  into_table regclass default null, into_column text default null, into_keys jsonb[] default null,
  from_column text default null)
returns table (ordinal bigint, request_id uuid)
language plpgsql volatile rows 1000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  return query
    select i.ordinal, i.request_id
    from unnest(@extschema@.steadytext_embed_batch_async(
      texts, use_cache, seed, model, unsafe_mode, priority, scheduled_at, idempotency_key, on_long_text, dimension,
      into_table, into_column, into_keys, from_column)) with ordinality as i (request_id, ordinal);
end
$$;

revoke all on function @extschema@.steadytext_embed_batch_rows_async from public;
comment on function @extschema@.steadytext_embed_batch_rows_async is
  'As steadytext_embed_batch_async, with a row an input: (ordinal, request_id).';
