-- What there is of texts that are read while they are made, from the worker that holds the requests: all of its streams in one call. A
-- piece that was written already, by a call whose answer was lost, is left. Gives the ids that somebody still reads; of the others
-- nothing more need be written, and those whose reader's transaction has ended are cancelled.
create or replace function @privschema@.write_pieces(
  p_worker_id uuid, p_request_ids uuid[], p_lease_tokens bigint[], p_starts int[], p_pieces text[])
returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
begin
  perform @privschema@.drop_streams(p_request_ids);
  return query
    with held as (
      select l.request_id, l.lease_token, l.start, l.piece
      from unnest(p_request_ids, p_lease_tokens, p_starts, p_pieces) as l (request_id, lease_token, start, piece)
      join @privschema@.streams s on s.request_id = l.request_id
      join @extschema@.steadytext_queue q on q.request_id = l.request_id
      where q.lease_token = l.lease_token and q.leased_by = p_worker_id
    ), written as (
      insert into @privschema@.stream_pieces (request_id, lease_token, start, piece)
      select h.request_id, h.lease_token, h.start, h.piece from held h where h.piece <> ''
      on conflict do nothing
    )
    select h.request_id from held h;
end
$$;

revoke all on function @privschema@.write_pieces from public;
comment on function @privschema@.write_pieces is 'Writes pieces of texts that are being made; gives the ids that are still read.';
