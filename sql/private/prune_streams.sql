-- What readers and workers that died have left of streams. Whoever still reads one whose request is final has the rest by its result.
create or replace function @privschema@.prune_streams()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.drop_streams(null);
  delete from @privschema@.streams s
  where not exists (
    select from @extschema@.steadytext_queue q where q.request_id = s.request_id and q.completed_at is null);
  delete from @privschema@.stream_pieces p
  where not exists (select from @privschema@.streams s where s.request_id = p.request_id);
end
$$;

revoke all on function @privschema@.prune_streams from public;
comment on function @privschema@.prune_streams is 'Deletes what is left of streams whose requests are final.';
