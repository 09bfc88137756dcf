-- What the audit log says of a request that is enqueued again: the request's user as in its other rows, and the role
-- that asked for it, which may be an administrator's.
create or replace function @privschema@.log_retried(p_role_name text, p_request_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into @extschema@.steadytext_audit_log
    ("timestamp", user_id, event_type, function_name, request_id, parameters, ip_address, success, xid, digest)
  select r.at, r.user_id, 'request_retried', 'steadytext_retry_async', r.request_id, r.parameters, inet_client_addr(),
         true, r.xid,
         @privschema@.audit_digest(r.at, r.user_id, 'request_retried', 'steadytext_retry_async', r.request_id,
           r.parameters, null, null, inet_client_addr(), true, null, r.xid)
  from (
    select clock_timestamp() as at, pg_current_xact_id() as xid, q.user_id, q.request_id,
      @privschema@.audit_parameters(q.request_type, q.model, q.prompt, q.params, k.key)
        || jsonb_build_object('retried_by', p_role_name) as parameters
    from @extschema@.steadytext_queue q, @privschema@.hash_key k
    where q.request_id = p_request_id and k.only_row
    -- A time of the clock must be read once, or the digest is of another row.
    offset 0) r
$$;

revoke all on function @privschema@.log_retried from public;
comment on function @privschema@.log_retried is 'Writes the audit row of a request that is enqueued again.';
