-- A login sees its own row: its number and its weight. A mask comes first, as for requests.
drop policy if exists users_own_row on @extschema@.steadytext_users;
create policy users_own_row on @extschema@.steadytext_users
  for select to @roleprefix@steadytext_reader
  using (case when @extschema@.planned_user_mask() is null
      then (@extschema@.planned_role_mask())[role_name] is not null
      else (@extschema@.planned_user_mask())[user_id] end
    and user_id = (select @extschema@.current_user_id()));
