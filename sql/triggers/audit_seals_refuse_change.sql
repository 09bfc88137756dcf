-- A seal is written once; signing it, and leaving out what was dropped, is no change of what it says.
create or replace trigger audit_seals_refuse_change
  before delete or update of number, epoch, kind, mark, from_xid, to_xid, next_xid, last_id, ids, row_count, prints_hash,
    first_at, last_at, made_at, hash
  on @extschema@.steadytext_audit_seals
  for each row execute function @privschema@.refuse_audit_change();
