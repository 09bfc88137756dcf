-- Writes the next seal: p_seal with its number, mark, time and hash found here, and
-- not signed yet. Whoever calls holds the log's row in
-- weekly_logs, so there is one at a time.
create or replace function @privschema@.add_audit_seal(p_seal @extschema@.steadytext_audit_seals)
returns @extschema@.steadytext_audit_seals
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seal @extschema@.steadytext_audit_seals := p_seal;
  v_number bigint;
  v_hash bytea;
begin
  select s.number, s.hash into v_number, v_hash
  from @extschema@.steadytext_audit_seals s order by s.number desc limit 1;
  v_seal.number := coalesce(v_number, 0) + 1;
  v_seal.mark := @privschema@.binding_mark();
  v_seal.made_at := clock_timestamp();
  v_seal.signed_at := null;
  v_seal.key_id := null;
  v_seal.mac := null;
  v_seal.prints_hash := sha256(coalesce(v_seal.prints, ''));
  v_seal.hash := @privschema@.audit_seal_hash(coalesce(v_hash, ''), v_seal);
  insert into @extschema@.steadytext_audit_seals values (v_seal.*);
  return v_seal;
end
$$;

revoke all on function @privschema@.add_audit_seal from public;
comment on function @privschema@.add_audit_seal is 'Writes the next seal of the audit log; gives it whole.';
