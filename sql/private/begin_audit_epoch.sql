-- The first seal, or the first one after a restore: transactions count anew there, so rows that came with the dump cannot be told
-- from others by theirs. Nobody writes while this looks (waiting for that is bounded by the caller): what is there by then is sealed
-- as found, by its ids, and all rows after it by their transactions.
create or replace function @privschema@.begin_audit_epoch(p_epoch int)
returns @extschema@.steadytext_audit_seals
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seal @extschema@.steadytext_audit_seals;
begin
  lock table @extschema@.steadytext_audit_log in share mode;
  v_seal.epoch := p_epoch;
  v_seal.kind := 'begun';
  v_seal.from_xid := pg_snapshot_xmin(pg_current_snapshot());
  v_seal.to_xid := v_seal.from_xid;
  v_seal.next_xid := '0';
  v_seal.last_id := greatest(
    (select max(a.id) from @extschema@.steadytext_audit_log a),
    (select q.last_value from @extschema@.steadytext_audit_log_id_seq q));
  v_seal.ids := '{}';
  v_seal.row_count := 0;
  return @privschema@.add_audit_seal(v_seal);
end
$$;

revoke all on function @privschema@.begin_audit_epoch from public;
comment on function @privschema@.begin_audit_epoch is 'Writes the first seal of an installation or of a restored one.';
