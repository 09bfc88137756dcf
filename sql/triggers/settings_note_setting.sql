-- Refuses what a setting cannot be, and writes down what is changed; the same value again is no change.
create or replace trigger settings_note_setting
  before update on @extschema@.steadytext_settings
  for each row when (old.value is distinct from new.value or old.source is distinct from new.source)
  execute function @privschema@.note_setting();
