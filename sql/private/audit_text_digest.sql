-- Digest of what text of a user may be in an audit row, which stays when the text is erased: salted, so that it cannot be guessed
-- from it then. No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.audit_text_digest(
  p_salt bytea, p_parameters jsonb, p_ip_address inet, p_error_message text)
returns bytea
language sql stable parallel safe
as $$
  select sha256(p_salt || convert_to(concat(p_parameters, E'\t', p_ip_address, E'\t', p_error_message), 'UTF8'))
$$;

revoke all on function @privschema@.audit_text_digest from public;
comment on function @privschema@.audit_text_digest is 'Digest of the text in an audit row.';
