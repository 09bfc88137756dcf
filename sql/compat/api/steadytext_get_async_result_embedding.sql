-- As in sql/api/async, but gives a vector: PL/pgSQL casts what is returned, wherever pgvector lies.
create or replace function @extschema@.steadytext_get_async_result_embedding(
  request_id uuid, timeout_seconds int default 30)
returns @vectorschema@.vector
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request record := @privschema@.wait_for_request(request_id, timeout_seconds);
begin
  if v_request.embedding is null then
    perform @privschema@.raise_option('request_id', 'an embedding''s',
      v_request.request_type || ' request ' || request_id,
      'Use steadytext_get_async_result or steadytext_get_async_result_json.');
  end if;
  return @privschema@.fitted_embedding(v_request.embedding, 'raise');
end
$$;

revoke all on function @extschema@.steadytext_get_async_result_embedding from public;
comment on function @extschema@.steadytext_get_async_result_embedding is
  'Waits for one of your embeddings and gives its numbers, unit length, as a vector.';
