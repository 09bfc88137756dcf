-- Writes down the weights that administrators change.
create or replace trigger users_note_weight
  after update of weight on @extschema@.steadytext_users
  for each row when (old.weight is distinct from new.weight)
  execute function @privschema@.note_weight();
