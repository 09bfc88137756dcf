-- A direct insert is the login's own, which the trigger before it has seen to.
drop policy if exists queue_own_inserts on @extschema@.steadytext_queue;
create policy queue_own_inserts on @extschema@.steadytext_queue
  for insert to @roleprefix@steadytext_writer
  with check (user_id = (select @extschema@.current_user_id()));
