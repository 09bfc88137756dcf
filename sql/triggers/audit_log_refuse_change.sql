-- Whoever changes a row of the audit log is refused, its owner too.
create or replace trigger audit_log_refuse_change
  before update or delete on @extschema@.steadytext_audit_log
  for each row execute function @privschema@.refuse_audit_change();
