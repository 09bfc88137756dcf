-- Seals a page of rows by transactions that have ended since the last seal; whole transactions, or the next seal could not say
-- where it begins. p_head is the last seal, with what is known of ids now in next_xid and last_id.
create or replace function @privschema@.seal_finished(p_head @extschema@.steadytext_audit_seals, p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_seal @extschema@.steadytext_audit_seals := p_head;
  v_above bigint;
  v_xids xid8[];
  v_next xid8;
begin
  -- As the seal's own row has it: a seal of what was found or dropped takes it over.
  select s.to_xid into v_seal.from_xid from @extschema@.steadytext_audit_seals s
  where s.epoch = p_head.epoch and s.kind in ('begun', 'rows') order by s.number desc limit 1;
  v_seal.kind := 'rows';
  v_seal.to_xid := pg_snapshot_xmin(pg_current_snapshot());
  if v_seal.to_xid <= v_seal.from_xid then
    return 0;
  end if;
  select s.last_id into v_above from @extschema@.steadytext_audit_seals s
  where s.epoch = p_head.epoch and s.next_xid < v_seal.from_xid order by s.number desc limit 1;
  -- Of one row more than a page has.
  v_xids := array(
    select a.xid from @extschema@.steadytext_audit_log a
    where a.id > v_above and a.xid >= v_seal.from_xid and a.xid < v_seal.to_xid
    order by a.xid limit p_limit + 1);
  if cardinality(v_xids) > p_limit then
    v_next := v_xids[p_limit + 1];
    if v_next = v_xids[1] then
      select a.xid into v_next from @extschema@.steadytext_audit_log a
      where a.id > v_above and a.xid > v_next and a.xid < v_seal.to_xid order by a.xid limit 1;
    end if;
    v_seal.to_xid := coalesce(v_next, v_seal.to_xid);
  end if;
  v_seal := @privschema@.seal_rows(v_seal, v_above, 9223372036854775807, '{}', null);
  return coalesce(v_seal.row_count, 0);
end
$$;

revoke all on function @privschema@.seal_finished from public;
comment on function @privschema@.seal_finished is 'Seals a page of the audit log''s rows since the last seal; gives how many.';
