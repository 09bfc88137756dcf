-- Before a direct insert is filled in (triggers of one event fire in the order of their names): who inserts.
create or replace trigger queue_ask_as_caller
  before insert on @extschema@.steadytext_queue
  for each row when (new.user_id is null or not pg_has_role('@roleprefix@steadytext_owner', 'usage'))
  execute function @privschema@.ask_as_caller();
