-- Checks and completes direct inserts; enqueue functions name the user themselves and pay nothing for this.
create or replace trigger queue_fill_direct_insert
  before insert on @extschema@.steadytext_queue
  for each row when (new.user_id is null)
  execute function @privschema@.fill_direct_insert();
