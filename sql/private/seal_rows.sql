-- Seals the rows of the audit log that have these ids and transactions; null where there are none and p_kind needs some. Each id
-- once: should there be two, the check finds the second one.
create or replace function @privschema@.seal_rows(
  p_seal @extschema@.steadytext_audit_seals, p_above bigint, p_up_to bigint, p_sealed int8multirange, p_most int)
returns @extschema@.steadytext_audit_seals
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_seal @extschema@.steadytext_audit_seals := p_seal;
begin
  with chosen as materialized (
    select distinct on (a.id) a.id, substr(a.digest, 1, 16) as print, a."timestamp"
    from @extschema@.steadytext_audit_log a
    where a.id > p_above and a.id <= p_up_to and a.xid >= p_seal.from_xid and a.xid < p_seal.to_xid
      and not (p_sealed @> a.id)
    order by a.id
    limit p_most
  ), islands as (
    select int8range(min(n.id), max(n.id) + 1) as ids
    from (select c.id, c.id - row_number() over (order by c.id) as island from chosen c) n
    group by n.island
  )
  select coalesce((select range_agg(i.ids) from islands i), '{}'), count(*), coalesce(string_agg(c.print, '' order by c.id), ''),
         min(c."timestamp"), max(c."timestamp")
  into v_seal.ids, v_seal.row_count, v_seal.prints, v_seal.first_at, v_seal.last_at
  from chosen c;
  if v_seal.row_count = 0 and v_seal.kind = 'rows' then
    return null;
  end if;
  return @privschema@.add_audit_seal(v_seal);
end
$$;

revoke all on function @privschema@.seal_rows from public;
comment on function @privschema@.seal_rows is 'Writes a seal over rows of the audit log; gives it, or null.';
