-- A login sees its own row: its number and its weight. The mask comes first, as for requests.
drop policy if exists users_own_row on @extschema@.steadytext_users;
create policy users_own_row on @extschema@.steadytext_users
  for select to @roleprefix@steadytext_reader
  using ((select @extschema@.current_user_mask())[user_id] and user_id = (select @extschema@.current_user_id()));
