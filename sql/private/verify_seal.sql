-- What is wrong with one seal or with its rows, null where nothing is. p_previous is the hash of the seal before it.
create or replace function @privschema@.verify_seal(
  p_seal @extschema@.steadytext_audit_seals, p_number bigint, p_previous bytea, p_dropped int8multirange, out problem text,
  out row_id bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_dropped int8multirange;
begin
  if p_seal.number <> p_number then
    problem := 'seal missing';
  elsif p_seal.hash <> @privschema@.audit_seal_hash(p_previous, p_seal)
    or p_seal.prints_hash <> sha256(coalesce(p_seal.prints, case when p_seal.kind in ('begun', 'dropped') then ''::bytea end))
    or (p_seal.prints is null and p_seal.kind in ('found', 'rows') and not p_seal.ids <@ p_dropped)
  then
    problem := 'seal changed';
  elsif p_seal.row_count > 0 and p_seal.kind in ('found', 'rows') and not p_seal.ids <@ p_dropped then
    select v.problem, v.row_id into problem, row_id from @privschema@.verify_sealed_rows(p_seal, p_dropped) v;
    if problem = 'row missing' then
      -- Retention may have gone on meanwhile.
      select coalesce(range_agg(r.ids), '{}') into v_dropped
      from @extschema@.steadytext_audit_seals s, unnest(s.ids) as r (ids) where s.kind = 'dropped';
      select v.problem, v.row_id into problem, row_id from @privschema@.verify_sealed_rows(p_seal, v_dropped) v;
    end if;
  end if;
end
$$;

revoke all on function @privschema@.verify_seal from public;
comment on function @privschema@.verify_seal is 'What is wrong with a seal of the audit log, and from which row on.';
