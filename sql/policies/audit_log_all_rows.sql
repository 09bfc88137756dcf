-- The audit log is read whole, by auditors and administrators only: to everybody else the table is not granted.
drop policy if exists audit_log_all_rows on @extschema@.steadytext_audit_log;
create policy audit_log_all_rows on @extschema@.steadytext_audit_log
  for select to @roleprefix@steadytext_auditor, @roleprefix@steadytext_admin
  using (true);
