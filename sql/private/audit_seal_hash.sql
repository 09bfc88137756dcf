-- What a seal says and the hash of the one before it, in one hash: so none can be changed, left out or put in without changing all
-- that follow. Of the rows' digests their hash counts, since they go when the rows are dropped.
create or replace function @privschema@.audit_seal_hash(p_previous bytea, p_seal @extschema@.steadytext_audit_seals)
returns bytea
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select sha256(p_previous || convert_to(concat_ws(E'\t',
    p_seal.number, p_seal.epoch, p_seal.kind, p_seal.mark, p_seal.from_xid, p_seal.to_xid, p_seal.next_xid, p_seal.last_id,
    p_seal.ids, p_seal.row_count, encode(p_seal.prints_hash, 'hex'), coalesce(extract(epoch from p_seal.first_at)::text, '-'),
    coalesce(extract(epoch from p_seal.last_at)::text, '-'), extract(epoch from p_seal.made_at)), 'UTF8'))
$$;

revoke all on function @privschema@.audit_seal_hash from public;
comment on function @privschema@.audit_seal_hash is 'Hash of a seal of the audit log and of the one before it.';
