-- What is left of streams that nobody reads any more.
create or replace function @privschema@.close_streams(p_request_ids uuid[])
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  delete from @privschema@.streams s where s.request_id = any (p_request_ids);
  delete from @privschema@.stream_pieces p where p.request_id = any (p_request_ids)
$$;

revoke all on function @privschema@.close_streams from public;
comment on function @privschema@.close_streams is 'Deletes streams and their pieces.';
