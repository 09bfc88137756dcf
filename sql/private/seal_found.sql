-- After a begin: seals what was there already, a page at a time, until an empty seal says that this was all. Gives how many rows.
create or replace function @privschema@.seal_found(p_head @extschema@.steadytext_audit_seals, p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_begun @extschema@.steadytext_audit_seals;
  v_last @extschema@.steadytext_audit_seals;
  v_seal @extschema@.steadytext_audit_seals := p_head;
  v_sealed int8multirange;
  v_found int := 0;
begin
  select s.* into v_begun from @extschema@.steadytext_audit_seals s
  where s.kind = 'begun' order by s.number desc limit 1;
  select s.* into v_last from @extschema@.steadytext_audit_seals s
  where s.number >= v_begun.number and s.kind in ('begun', 'found', 'rows') order by s.number desc limit 1;
  if v_last.kind = 'rows' or (v_last.kind = 'found' and v_last.row_count = 0) then
    return 0;
  end if;
  v_seal.kind := 'found';
  v_seal.from_xid := '0';
  v_seal.to_xid := '18446744073709551615';
  while v_found < p_limit loop
    select coalesce(range_agg(r.ids), '{}') into v_sealed
    from @extschema@.steadytext_audit_seals s, unnest(s.ids) as r (ids) where s.kind <> 'dropped';
    v_last := @privschema@.seal_rows(v_seal, coalesce(upper(v_last.ids), 0) - 1, v_begun.last_id, v_sealed, p_limit);
    exit when v_last.row_count = 0;
    v_found := v_found + v_last.row_count;
  end loop;
  return v_found;
end
$$;

revoke all on function @privschema@.seal_found from public;
comment on function @privschema@.seal_found is 'Seals rows of the audit log that were there when an epoch began.';
