-- Writes down models that administrators delete.
create or replace trigger models_note_deleted
  after delete on @extschema@.steadytext_models
  for each row when (not pg_has_role('@roleprefix@steadytext_owner', 'usage'))
  execute function @privschema@.note_model();
