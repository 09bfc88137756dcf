-- Reads the audit log and has results verified, and sees no text.
grant usage on schema @extschema@ to @roleprefix@steadytext_auditor;
grant select on @extschema@.steadytext_audit_log to @roleprefix@steadytext_auditor;
grant execute on function @extschema@.steadytext_verify to @roleprefix@steadytext_auditor;
grant usage on schema @privschema@ to @roleprefix@steadytext_auditor;
grant insert (call, request_id, options), select (answer) on @privschema@.calls to @roleprefix@steadytext_auditor;
