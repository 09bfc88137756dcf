-- Receipts of erasures are read whole, by auditors and administrators only.
drop policy if exists erasures_all_rows on @extschema@.steadytext_erasures;
create policy erasures_all_rows on @extschema@.steadytext_erasures
  for select to @roleprefix@steadytext_auditor, @roleprefix@steadytext_admin
  using (true);
