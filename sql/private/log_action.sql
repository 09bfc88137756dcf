-- The audit row of what somebody does by hand: who asked, with which login, about which request if about one.
create or replace function @privschema@.log_action(
  p_event_type text, p_function_name text, p_request_id uuid, p_parameters jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Read once, or the digest is of another row.
  v_at timestamptz := clock_timestamp();
  v_user_id int := @extschema@.current_user_id();
  v_parameters jsonb := p_parameters || jsonb_build_object('asked_by', @privschema@.request_login());
begin
  insert into @extschema@.steadytext_audit_log
    ("timestamp", user_id, event_type, function_name, request_id, parameters, ip_address, success, xid, digest)
  values (v_at, v_user_id, p_event_type, p_function_name, p_request_id, v_parameters, inet_client_addr(), true,
    pg_current_xact_id(),
    @privschema@.audit_digest(v_at, v_user_id, p_event_type, p_function_name, p_request_id, v_parameters, null, null,
      inet_client_addr(), true, null, pg_current_xact_id()));
end
$$;

revoke all on function @privschema@.log_action from public;
comment on function @privschema@.log_action is 'Writes the audit row of what somebody does by hand.';
