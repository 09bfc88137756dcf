-- Administrators see all requests.
drop policy if exists queue_admin_rows on @extschema@.steadytext_queue;
create policy queue_admin_rows on @extschema@.steadytext_queue
  for select to @roleprefix@steadytext_admin
  using (true);
