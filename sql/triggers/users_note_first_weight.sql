-- Writes down the weight of a user that an administrator inserts with one; those that come by themselves have 1.
create or replace trigger users_note_first_weight
  after insert on @extschema@.steadytext_users
  for each row when (new.weight <> 1)
  execute function @privschema@.note_weight();
