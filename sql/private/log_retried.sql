-- What the audit log says of a request that is enqueued again: the request's user as in its other rows, and the role
-- that asked for it, which may be an administrator's.
create or replace function @privschema@.log_retried(p_role_name text, p_request_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @privschema@.write_audit_row(q.user_id, 'request_retried', 'steadytext_retry_async', q.request_id,
    @privschema@.audit_parameters(q.request_type, q.model, q.prompt, q.params, k.key)
      || jsonb_build_object('retried_by', p_role_name),
    null, null, inet_client_addr(), true, null)
  from @extschema@.steadytext_queue q, @privschema@.hash_key k
  where q.request_id = p_request_id and k.only_row
$$;

revoke all on function @privschema@.log_retried from public;
comment on function @privschema@.log_retried is 'Writes the audit row of a request that is enqueued again.';
