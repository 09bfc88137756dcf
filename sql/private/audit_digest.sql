-- Digest of an audit row's content as it was made before there were salts (audit_row_digest): those rows have it still. Parts are told apart by
-- tabs, which none of them can hold but the last; the time counts in seconds, so that no session's time zone matters.
-- As a JSON array it took twice as long. No pinned search_path, so that it is inlined; it runs under that of its
-- callers.
create or replace function @privschema@.audit_digest(
  p_timestamp timestamptz, p_user_id int, p_event_type text, p_function_name text, p_request_id uuid,
  p_parameters jsonb, p_result_size int, p_duration_ms int, p_ip_address inet, p_success boolean,
  p_error_message text, p_xid xid8)
returns bytea
language sql stable parallel safe
as $$
  select sha256(convert_to(concat(
    extract(epoch from p_timestamp), E'\t', p_user_id, E'\t', p_event_type, E'\t', p_function_name, E'\t', p_request_id,
    E'\t', p_parameters, E'\t', p_result_size, E'\t', p_duration_ms, E'\t', p_ip_address, E'\t', p_success,
    E'\t', p_xid, E'\t',    p_error_message), 'UTF8'))
$$;

revoke all on function @privschema@.audit_digest from public;
comment on function @privschema@.audit_digest is 'Digest of the content of an audit row.';
