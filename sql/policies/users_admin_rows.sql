-- Administrators see all users and may change the columns that are granted to them.
drop policy if exists users_admin_rows on @extschema@.steadytext_users;
create policy users_admin_rows on @extschema@.steadytext_users
  for all to @roleprefix@steadytext_admin
  using (true) with check (true);
