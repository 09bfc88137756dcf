-- The cluster that a user's row was bound in. The writer role's oid stood for it, and two clusters set up by the same
-- steps have the same oids: after a restore from one into the other, a login could read another's requests. The system
-- identifier is drawn when a cluster is made, and stays with its physical copies, where oids mean the same.
alter table @extschema@.steadytext_users add column system_identifier bigint not null default 0;

-- This database may be such a restored one already. So only what oid and name agree on is taken for bound here; the rest
-- counts as another cluster's, until steadytext_rebind_users.
update @extschema@.steadytext_users u
set system_identifier = c.system_identifier
from pg_control_system() c
where u.writer_oid = to_regrole('@roleprefix@steadytext_writer') and u.role_oid = to_regrole(quote_ident(u.role_name));

-- A role's row whose name has a row bound here was left behind when the role was dropped and made again.
update @extschema@.steadytext_users u
set role_oid = null
where u.system_identifier = 0 and exists (
  select from @extschema@.steadytext_users b where b.role_name = u.role_name and b.system_identifier <> 0);

alter table @extschema@.steadytext_users
  alter column system_identifier set default ((pg_control_system()).system_identifier),
  drop constraint users_role_unique,
  drop column writer_oid,
  add constraint users_role_unique unique (role_oid, system_identifier);

comment on column @extschema@.steadytext_users.system_identifier is
  'The cluster in which role_oid is the role''s: a restored row has another one until it is bound again.';
