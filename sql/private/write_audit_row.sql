-- One row of the audit log, with its digest. Time, transaction and salt are taken first and once, or the digest is of another
-- row; the transaction also before the row has its id, which the sealer counts on (see seal_window).
create or replace function @privschema@.write_audit_row(
  p_user_id int, p_event_type text, p_function_name text, p_request_id uuid, p_parameters jsonb, p_result_size int,
  p_duration_ms int, p_ip_address inet, p_success boolean, p_error_message text)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_xid xid8 := pg_current_xact_id();
  v_at timestamptz := clock_timestamp();
  v_salt bytea := uuid_send(gen_random_uuid());
  v_id bigint;
begin
  insert into @extschema@.steadytext_audit_log
    ("timestamp", user_id, event_type, function_name, request_id, parameters, result_size, duration_ms, ip_address, success,
     error_message, xid, salt, digest)
  values (v_at, p_user_id, p_event_type, p_function_name, p_request_id, p_parameters, p_result_size, p_duration_ms, p_ip_address,
    p_success, p_error_message, v_xid, v_salt,
    @privschema@.audit_row_digest(v_at, p_user_id, p_event_type, p_request_id, p_result_size, p_duration_ms, p_success, v_xid,
      @privschema@.audit_text_digest(v_salt, p_parameters, p_ip_address, p_error_message), p_function_name))
  returning id into v_id;
  return v_id;
end
$$;

revoke all on function @privschema@.write_audit_row from public;
comment on function @privschema@.write_audit_row is 'Writes a row of the audit log; gives its id.';
