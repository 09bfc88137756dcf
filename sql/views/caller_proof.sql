-- Who asks, where nothing can be inserted: on a standby a call cannot be handed on as a row. In a view current_user is whoever's
-- statement it is, as in a trigger that runs as its caller, and PostgreSQL's own functions make of that, with the owner's key, what
-- sync_mac makes: good for this session and this transaction, and for nobody else. The key itself is in no column. opaque, so that no
-- condition is passed on.
create or replace view @privschema@.caller_proof with (security_barrier = true) as
select @privschema@.opaque(p.role_name) as role_name, @privschema@.opaque(p.proof) as proof
from (
  select current_user::text as role_name,
         encode(sha256(k.key || sha256(k.key || convert_to(
           'caller:' || pg_backend_pid() || ' ' || extract(epoch from now()) || ' ' || current_user, 'UTF8'))), 'hex') as proof
  from @privschema@.sync_key k) p;

comment on view @privschema@.caller_proof is 'Who asks, signed for this transaction of this session.';
