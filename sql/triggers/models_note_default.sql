-- Writes down default models that administrators set by hand.
create or replace trigger models_note_default
  after update of is_default on @extschema@.steadytext_models
  for each row when (old.is_default is distinct from new.is_default and not pg_has_role('@roleprefix@steadytext_owner', 'usage'))
  execute function @privschema@.note_model();
