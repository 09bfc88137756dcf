-- Before the call is run (triggers of one event fire in the order of their names): who calls.
create or replace trigger calls_ask_as_caller
  instead of insert on @privschema@.calls
  for each row execute function @privschema@.ask_as_caller();
