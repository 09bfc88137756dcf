-- Does what an inserted call asks for.
create or replace trigger calls_run_call
  instead of insert on @privschema@.calls
  for each row execute function @privschema@.run_call();
