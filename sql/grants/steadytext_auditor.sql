-- Reads the audit log, and changes nothing.
grant usage on schema @extschema@ to @roleprefix@steadytext_auditor;
grant select on @extschema@.steadytext_audit_log to @roleprefix@steadytext_auditor;
