-- Cancels those of some requests (null: of all) whose text nobody can read any more, since the transaction that did has ended. One whose
-- row somebody has locked is left for the next time.
create or replace function @privschema@.drop_streams(p_request_ids uuid[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '250ms'
as $$
declare
  v_left record;
begin
  for v_left in
    select s.request_id, q.asked_by
    from @privschema@.streams s join @extschema@.steadytext_queue q on q.request_id = s.request_id
    where (p_request_ids is null or s.request_id = any (p_request_ids)) and q.completed_at is null
      and s.lock_key is not null and not @privschema@.is_locked(s.lock_key)
  loop
    begin
      perform @privschema@.cancel_request(v_left.asked_by, v_left.request_id);
      perform @privschema@.close_streams(array[v_left.request_id]);
    exception when lock_not_available then
      null;
    end;
  end loop;
end
$$;

revoke all on function @privschema@.drop_streams from public;
comment on function @privschema@.drop_streams is 'Cancels requests whose text nobody can read any more.';
