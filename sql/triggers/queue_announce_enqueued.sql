-- Wakes workers, once an insert of any size.
create or replace trigger queue_announce_enqueued
  after insert on @extschema@.steadytext_queue
  for each statement
  execute function @privschema@.announce_enqueued();
