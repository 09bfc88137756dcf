-- Where a user's row was bound, more closely than by the cluster: a physical copy of a cluster has its system identifier, and
-- from then on both give new roles the same oids. The table's own oid is drawn anew wherever a dump is restored, into the very
-- cluster too, and stays through VACUUM FULL. The mark is of both. This database may be such a restored one already: only what
-- oid and name agree on is taken for bound here.
alter table @extschema@.steadytext_users rename column system_identifier to binding_mark;

update @extschema@.steadytext_users u
set binding_mark = hashint8extended(c.system_identifier, '@extschema@.steadytext_users'::regclass::oid::bigint)
from pg_control_system() c
where u.binding_mark = c.system_identifier
  and (u.role_oid is null or u.role_oid = to_regrole(quote_ident(u.role_name)));

alter table @extschema@.steadytext_users alter column binding_mark set default
  hashint8extended((pg_control_system()).system_identifier, '@extschema@.steadytext_users'::regclass::oid::bigint);

comment on column @extschema@.steadytext_users.binding_mark is
  'Where role_oid was written: a restored row has another mark than this table until it is bound again.';

drop function if exists @privschema@.cluster_identifier();
