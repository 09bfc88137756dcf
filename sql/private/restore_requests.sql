-- Requests whose ids, and whose keys for their users, are not there. What was processing is pending again, in its old place and with the
-- attempts it had: no worker of here holds it. Numbers and transactions are this database's.
create or replace function @privschema@.restore_requests(p_rows jsonb, p_user_ids jsonb)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  insert into @extschema@.steadytext_queue overriding user value
  select q.*
  from jsonb_array_elements(p_rows) with ordinality as r (line, position)
  cross join lateral jsonb_populate_record(null::@extschema@.steadytext_queue,
    r.line || jsonb_build_object('user_id', p_user_ids -> (r.line ->> 'user_id'), 'enqueued_xid', pg_current_xact_id()::text)
      || case r.line ->> 'status'
           when 'processing' then '{"status": "pending", "runnable": true, "leased_by": null, "lease_expires_at": null}'::jsonb
           else '{}'::jsonb end) q
  where q.user_id is not null
  order by r.position
  on conflict do nothing;
  get diagnostics v_restored = row_count;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_requests from public;
comment on function @privschema@.restore_requests is 'Restores requests; gives how many were not there.';
