-- Whoever empties the audit log is refused; its partitions have this too (refuse_truncate).
create or replace trigger audit_log_refuse_truncate
  before truncate on @extschema@.steadytext_audit_log
  for each statement execute function @privschema@.refuse_audit_change();
