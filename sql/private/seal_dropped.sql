-- Before retention drops rows of a partition of the audit log: writes a seal that says which. False where one of them is not
-- sealed yet. Of seals whose rows are all gone by it the digests go too: nothing is left to compare them with.
create or replace function @privschema@.seal_dropped(p_partition text, p_before timestamptz)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_seal @extschema@.steadytext_audit_seals;
  v_sealed int8multirange;
  v_dropped int8multirange;
begin
  select s.* into v_seal from @extschema@.steadytext_audit_seals s order by s.number desc limit 1;
  -- Through the log itself, which is the owner's whoever made the partition.
  with islands as (
    select int8range(min(n.id), max(n.id) + 1) as ids, min(n.at) as first_at, max(n.at) as last_at
    from (select a.id, a."timestamp" as at, a.id - row_number() over (order by a.id) as island
          from @extschema@.steadytext_audit_log a
          where a.tableoid = format('@privschema@.%I', p_partition)::regclass and a."timestamp" < p_before) n
    group by n.island
  )
  select coalesce(range_agg(i.ids), '{}'), coalesce(sum(upper(i.ids) - lower(i.ids)), 0), min(i.first_at), max(i.last_at)
  into v_seal.ids, v_seal.row_count, v_seal.first_at, v_seal.last_at
  from islands i;
  if v_seal.row_count = 0 then
    return true;
  end if;
  select range_agg(r.ids) filter (where s.kind <> 'dropped'), coalesce(range_agg(r.ids) filter (where s.kind = 'dropped'), '{}')
  into v_sealed, v_dropped
  from @extschema@.steadytext_audit_seals s, unnest(s.ids) as r (ids);
  if v_seal.ids <@ v_sealed is not true then
    return false;
  end if;
  v_seal.kind := 'dropped';
  v_seal.prints := null;
  v_seal := @privschema@.add_audit_seal(v_seal);
  v_dropped := v_dropped + v_seal.ids;
  update @extschema@.steadytext_audit_seals s set prints = null
  where s.prints is not null and s.row_count > 0 and s.ids <@ v_dropped;
  return true;
end
$$;

revoke all on function @privschema@.seal_dropped from public;
comment on function @privschema@.seal_dropped is 'Writes down which sealed rows retention drops; false where one is not sealed.';
