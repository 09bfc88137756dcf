-- Administrators see all users' entries.
drop policy if exists cache_admin_rows on @extschema@.steadytext_cache_entries;
create policy cache_admin_rows on @extschema@.steadytext_cache_entries
  for select to @roleprefix@steadytext_admin using (true);
