-- Administrators see the whole request log.
drop policy if exists request_log_admin_rows on @extschema@.steadytext_request_log;
create policy request_log_admin_rows on @extschema@.steadytext_request_log
  for select to @roleprefix@steadytext_admin
  using (true);
