-- The far end of the side channel: waits until there is more of a text than so many characters, and gives a piece of it, or what the
-- request came to when it is final, after which nothing of the stream is left. Null where the seconds did not suffice. Of
-- pieces only those of the newest attempt count, which are the same text from its beginning. It looks as sync_wait does.
create or replace function @privschema@.stream_wait(
  p_role_name text, p_request_id uuid, p_mac text, p_after int, p_waited double precision, p_seconds double precision)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_begun timestamptz := clock_timestamp();
  v_waited double precision;
  v_final boolean;
  v_piece text;
  v_answer jsonb;
begin
  perform @privschema@.check_sync_mac('stream', p_request_id || ' ' || p_role_name, p_mac);
  if not exists (
    select from @extschema@.steadytext_queue q
    where q.request_id = p_request_id and @privschema@.may_see(p_role_name, q.user_id))
  then
    return jsonb_build_object('answer', @privschema@.error_answer('P0001', format('Request ID %s not found', p_request_id),
      'It was pruned meanwhile: repeat the call.'));
  end if;
  loop
    begin
      select q.completed_at is not null, p.piece into v_final, v_piece
      from @extschema@.steadytext_queue q
      left join lateral (
        select substr(s.piece, p_after - s.start + 1) as piece
        from @privschema@.stream_pieces s
        where s.request_id = q.request_id and s.lease_token = q.lease_token and s.start <= p_after
        order by s.start desc limit 1) p on p.piece <> ''
      where q.request_id = p_request_id;
      exit when v_final is not false or v_piece is not null;
      raise exception using errcode = 'STYET';
    exception when sqlstate 'STYET' then
      null;
    end;
    v_waited := extract(epoch from clock_timestamp() - v_begun);
    if v_waited >= p_seconds then
      return null;
    end if;
    perform pg_sleep(@privschema@.sync_pause(p_waited + v_waited));
  end loop;
  if v_final is false then
    return jsonb_build_object('piece', v_piece);
  end if;
  v_answer := @privschema@.sync_results(array[p_request_id]) -> 0;
  perform @privschema@.close_streams(array[p_request_id]);
  return jsonb_build_object('answer', v_answer);
end
$$;

revoke all on function @privschema@.stream_wait from public;
comment on function @privschema@.stream_wait is 'Waits some seconds for the next piece of a text; gives it, or the request''s end, or null.';
