-- Reads the audit log and has results verified, and sees no text.
grant usage on schema @extschema@ to @roleprefix@steadytext_auditor;
grant select on @extschema@.steadytext_audit_log, @extschema@.steadytext_audit_seals, @extschema@.steadytext_erasures to @roleprefix@steadytext_auditor;
grant execute on function @extschema@.steadytext_verify to @roleprefix@steadytext_auditor;
grant execute on function @extschema@.steadytext_verify_audit, @privschema@.verify_seal, @privschema@.verify_sealed_rows,
  @privschema@.audit_seal_hash, @privschema@.audit_digest, @privschema@.audit_row_digest, @privschema@.audit_text_digest
to @roleprefix@steadytext_auditor;
grant usage on schema @privschema@ to @roleprefix@steadytext_auditor;
grant insert (call, request_id, options), select (answer) on @privschema@.calls to @roleprefix@steadytext_auditor;
