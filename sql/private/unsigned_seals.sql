-- Seals that no worker has signed yet, the oldest first, with the signature of the one before the first of them: who signs looks at
-- whether it is its own.
create or replace function @privschema@.unsigned_seals(p_limit int default 1000)
returns table (number bigint, hash bytea, signed_at timestamptz, key_id text, mac bytea)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_first bigint := (select min(s.number) from @extschema@.steadytext_audit_seals s where s.mac is null);
begin
  perform @privschema@.check_limit(p_limit);
  return query
    select s.number, s.hash, s.signed_at, s.key_id, s.mac
    from @extschema@.steadytext_audit_seals s
    where s.number = v_first - 1 or (s.number >= v_first and s.mac is null)
    order by s.number limit p_limit;
end
$$;

revoke all on function @privschema@.unsigned_seals from public;
comment on function @privschema@.unsigned_seals is 'Seals that are to be signed, after the last one that is.';
