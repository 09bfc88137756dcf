-- The seals are not to be emptied either.
create or replace trigger audit_seals_refuse_truncate
  before truncate on @extschema@.steadytext_audit_seals
  for each statement execute function @privschema@.refuse_audit_change();
