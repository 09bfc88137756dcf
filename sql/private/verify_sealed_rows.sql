-- The first row of a seal, by its id, that is not what was sealed: null where there is none. Runs as whoever asks. Rows from before
-- there were seals, which the first epoch found, have no salt: once their texts were taken, nothing is left to compute.
create or replace function @privschema@.verify_sealed_rows(
  p_seal @extschema@.steadytext_audit_seals, p_dropped int8multirange, out problem text, out row_id bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  -- Whole, and not a part of it fetched for each row.
  v_prints bytea := p_seal.prints || '';
  v_print bytea;
begin
  select e.id, substr(v_prints, e.start, 16), case
      when a.id is null then 'row missing'
      when substr(a.digest, 1, 16) <> substr(v_prints, e.start, 16) or not a.is_intact then 'row changed'
      else 'text taken' end
  into row_id, v_print, problem
  from (
    select i.id, 1 + 16 * (row_number() over (order by i.id) - 1)::int as start
    from unnest(p_seal.ids) as r (ids), generate_series(lower(r.ids), upper(r.ids) - 1) as i (id)) e
  left join (
    select l.id, l.digest, l.user_id, l.text_digest,
      case when l.salt is null and l.text_digest is null then l.digest = @privschema@.audit_digest(l."timestamp",
          l.user_id, l.event_type, l.function_name, l.request_id, l.parameters, l.result_size, l.duration_ms, l.ip_address,
          l.success, l.error_message, l.xid)
        when l.text_digest = '' then p_seal.epoch = 1 and p_seal.kind = 'found'
        else l.digest = @privschema@.audit_row_digest(l."timestamp", l.user_id, l.event_type, l.request_id, l.result_size,
          l.duration_ms, l.success, l.xid, coalesce(l.text_digest,
          @privschema@.audit_text_digest(l.salt, l.parameters, l.ip_address, l.error_message)), l.function_name) end as is_intact
    from @extschema@.steadytext_audit_log l
    where l.id >= lower(p_seal.ids) and l.id < upper(p_seal.ids)) a on a.id = e.id
  where case when a.id is null then not p_dropped @> e.id
    else substr(a.digest, 1, 16) <> substr(v_prints, e.start, 16) or not a.is_intact
      or (a.text_digest is not null and not exists (
        select from @extschema@.steadytext_erasures r where r.user_id = a.user_id and r.last_audit_id >= a.id)) end
  order by e.id
  limit 1;
  if row_id is not null and problem <> 'text taken' and exists (
    select from @extschema@.steadytext_audit_log l where l.id <> row_id and substr(l.digest, 1, 16) = v_print)
  then
    problem := 'rows reordered';
  end if;
end
$$;

revoke all on function @privschema@.verify_sealed_rows from public;
comment on function @privschema@.verify_sealed_rows is 'The first row of a seal that is not as it was sealed.';
