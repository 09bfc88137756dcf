-- The audit row of what somebody does by hand: which role asked, about which request if about one; and why, where a session has
-- said so (set local steadytext.audit_reason = '…').
create or replace function @privschema@.log_action(
  p_role_name text, p_event_type text, p_function_name text, p_request_id uuid, p_parameters jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_reason text := nullif(left(current_setting('steadytext.audit_reason', true), 500), '');
begin
  perform @privschema@.write_audit_row(@extschema@.steadytext_user_id(p_role_name), p_event_type, p_function_name, p_request_id,
    p_parameters || jsonb_build_object('asked_by', p_role_name)
      || case when v_reason is null then '{}'::jsonb else jsonb_build_object('reason', v_reason) end,
    null, null, inet_client_addr(), true, null);
end
$$;

revoke all on function @privschema@.log_action from public;
comment on function @privschema@.log_action is 'Writes the audit row of what somebody does by hand.';
