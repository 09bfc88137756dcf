-- Keeps a worker's signature of a seal, unless it has one.
create or replace function @privschema@.sign_seal(
  p_number bigint, p_hash bytea, p_signed_at timestamptz, p_key_id text, p_mac bytea)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update @extschema@.steadytext_audit_seals s
  set signed_at = p_signed_at, key_id = left(p_key_id, 16), mac = p_mac
  where s.number = p_number and s.hash = p_hash and s.mac is null;
  return found;
end
$$;

revoke all on function @privschema@.sign_seal from public;
comment on function @privschema@.sign_seal is 'Keeps the signature of a seal that has none.';
