-- Refuses what a setting cannot be, and writes down what administrators change; the same value again is no change.
create or replace trigger settings_note_setting
  before update on @extschema@.steadytext_settings
  for each row when (old.value is distinct from new.value)
  execute function @privschema@.note_setting();
