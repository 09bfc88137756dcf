-- Writes down the weight of a user that an administrator inserts with one; those that come by themselves have 1. Who puts a
-- dump back sets none, and its rows, other than those made now, say when they were made.
create or replace trigger users_note_first_weight
  after insert on @extschema@.steadytext_users
  for each row when (new.weight <> 1
                     and (not pg_has_role('@roleprefix@steadytext_owner', 'usage') or new.created_at = now()))
  execute function @privschema@.note_weight();
