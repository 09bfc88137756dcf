-- Digest of an audit row's content, which a seal is computed from and a check computes again. As a JSON array, so that no two
-- contents read the same; the time in seconds, so that no session's time zone matters. (Unpinned like request_cost.)
create or replace function @privschema@.audit_digest(
  p_timestamp timestamptz, p_user_id int, p_event_type text, p_function_name text, p_request_id uuid, p_parameters jsonb,
  p_result_size int, p_duration_ms int, p_ip_address inet, p_success boolean, p_error_message text, p_xid xid8)
returns bytea
language sql stable parallel safe
as $$
  select sha256(convert_to(jsonb_build_array(
    extract(epoch from p_timestamp), p_user_id, p_event_type, p_function_name, p_request_id, p_parameters, p_result_size,
    p_duration_ms, p_ip_address, p_success, p_error_message, p_xid)::text, 'UTF8'))
$$;

revoke all on function
  @privschema@.audit_digest(timestamptz, int, text, text, uuid, jsonb, int, int, inet, boolean, text, xid8) from public;
comment on function
  @privschema@.audit_digest(timestamptz, int, text, text, uuid, jsonb, int, int, inet, boolean, text, xid8) is
  'Digest of the content of an audit row.';
