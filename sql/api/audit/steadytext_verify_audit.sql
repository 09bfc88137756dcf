-- Whether the audit log is what was sealed (docs/audit.md): seal by seal, from the first one on, with all rows that are not
-- dropped, and then whether there are rows that no seal has. It runs as whoever asks, who reads the log anyway.
create or replace function @extschema@.steadytext_verify_audit()
returns table (
  intact boolean, problem text, seal bigint, row_id bigint, epochs int, seals bigint, signed bigint, sealed_rows bigint,
  dropped_rows bigint, unsealed_rows bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_seal @extschema@.steadytext_audit_seals;
  v_previous bytea := ''::bytea;
  v_sealed int8multirange;
  v_dropped int8multirange;
  v_up_to bigint;
  v_to xid8;
begin
  seals := 0; signed := 0; sealed_rows := 0; epochs := 0; dropped_rows := 0;
  select coalesce(range_agg(r.ids) filter (where s.kind <> 'dropped'), '{}'),
         coalesce(range_agg(r.ids) filter (where s.kind = 'dropped'), '{}')
  into v_sealed, v_dropped
  from @extschema@.steadytext_audit_seals s, unnest(s.ids) as r (ids);
  for v_seal in select s.* from @extschema@.steadytext_audit_seals s order by s.number loop
    exit when not v_seal.ids <@ v_sealed;
    select v.problem, v.row_id into problem, row_id
    from @privschema@.verify_seal(v_seal, seals + 1, v_previous, v_dropped) v;
    if problem is not null then
      seal := seals + 1;
      exit;
    end if;
    seals := seals + 1;
    signed := signed + (v_seal.mac is not null)::int;
    epochs := v_seal.epoch;
    v_previous := v_seal.hash;
    if v_seal.kind = 'dropped' then
      dropped_rows := dropped_rows + v_seal.row_count;
    else
      sealed_rows := sealed_rows + v_seal.row_count;
    end if;
    v_up_to := case when v_seal.kind = 'begun' then -v_seal.last_id
      when v_seal.kind = 'found' and v_seal.row_count = 0 then abs(v_up_to) else v_up_to end;
    v_to := case when v_seal.kind in ('begun', 'rows') then v_seal.to_xid else v_to end;
  end loop;
  select count(*) filter (where not v_sealed @> a.id),
         min(a.id) filter (where v_dropped @> a.id or (not v_sealed @> a.id and (a.id <= v_up_to or a.xid < v_to)))
  into unsealed_rows, v_up_to
  from @extschema@.steadytext_audit_log a;
  if v_up_to < row_id or (problem is null and v_up_to is not null) then
    problem := 'row inserted';
    row_id := v_up_to;
    seal := null;
  end if;
  intact := problem is null;
  return next;
end
$$;

revoke all on function @extschema@.steadytext_verify_audit from public;
comment on function @extschema@.steadytext_verify_audit is
  'Compares the audit log with its seals: whether it is intact, else the first row or seal that is not what it was.';
