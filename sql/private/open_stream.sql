-- The far end of the side channel: has the text of a request that was just enqueued be reported while it is made. The mark in its
-- params is for the worker that claims it, which need not ask for each request, and changes no result. The lock of the reader's
-- transaction is noted if it is seen from here: not where the reader is on a standby.
create or replace function @privschema@.open_stream(p_request_id uuid, p_lock_key bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update @extschema@.steadytext_queue q
  set params = q.params || '{"stream": true}'
  where q.request_id = p_request_id and q.status = 'pending';
  -- Else its result was known.
  if found then
    insert into @privschema@.streams (request_id, lock_key)
    values (p_request_id, case when @privschema@.is_locked(p_lock_key) then p_lock_key end);
  end if;
end
$$;

revoke all on function @privschema@.open_stream from public;
comment on function @privschema@.open_stream is 'Has the text of a new request be reported while it is made.';
