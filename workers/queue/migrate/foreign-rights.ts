// Rights on our objects that somebody granted to roles that are not ours. They are told, with the statement that takes them back
// where they go beyond what a login gets by one of our roles that keep users apart.
import type { Client } from './connection.ts';
import type { ForeignObject } from './foreign.ts';
import type { Names } from './names.ts';
import { ownerOid, ROLES, type RoleName, roleName } from './roles.ts';
import { isTrusted } from './trusted.ts';

// To read a table that has a policy for one of these is not beyond: of its rows the policy gives the login its own.

/** Their members see their own rows only, or no text at all. What the worker or the admin may do more lets one see everybody's. */
const LIMITED: readonly RoleName[] = [
  'steadytext_reader',
  'steadytext_writer',
  'steadytext_auditor',
  'steadytext_metrics',
];

function rightsQuery(names: Names): string {
  const list = (roles: readonly RoleName[]) => roles.map((role) => `'${roleName(names, role)}'`).join(', ');
  const owner = ownerOid(names);
  const ours = `in ('${names.extschema}', '${names.privschema}', '${names.bossschema}')`;
  return `
with held as (
  select case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass as target, c.oid as relation, null::text as part, a.*
  from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a where n.nspname ${ours} and c.relowner = ${owner}
  union all
  select 'table ' || c.oid::regclass, c.oid, quote_ident(t.attname), a.*
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
  where n.nspname ${ours} and c.relowner = ${owner} and not t.attisdropped
  union all
  select 'routine ' || p.oid::regprocedure, null, null, a.*
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) a where n.nspname ${ours} and p.proowner = ${owner}
  union all
  select 'schema ' || quote_ident(n.nspname), null, null, a.* from pg_namespace n, aclexplode(n.nspacl) a
  where n.nspname ${ours} and n.nspowner = ${owner}
), judged as (
  select h.target, h.part, h.privilege_type, quote_ident(r.rolname) as grantee, h.is_grantable,
         h.is_grantable or not exists (
           select from held o join pg_roles l on l.oid = o.grantee
           where l.rolname in (${list(LIMITED)}) and o.target = h.target and o.privilege_type = h.privilege_type
             and (o.part is null or o.part = h.part))
           and not (h.privilege_type = 'SELECT' and exists (
             select from pg_policy p join pg_roles l on l.oid = any (p.polroles)
             where p.polrelid = h.relation and p.polcmd = 'r' and l.rolname in (${list(LIMITED)}))) as harmful
  from held h join pg_roles r on r.oid = h.grantee
  where r.rolname not in (${list(ROLES)}) and not ${isTrusted('r.oid', names)}
)
select target, grantee, harmful, bool_or(is_grantable) as "mayPassOn",
       string_agg(distinct privilege_type || coalesce(' (' || part || ')', ''), ', ') as rights
from judged group by target, grantee, harmful order by target, grantee, harmful`;
}

export async function readForeignRights(client: Client, names: Names): Promise<ForeignObject[]> {
  const { rows } = await client.query(rightsQuery(names));
  return (rows as { target: string; grantee: string; harmful: boolean; mayPassOn: boolean; rights: string }[]).map(
    ({ target, grantee, harmful, mayPassOn, rights }) => ({
      what: `${rights} on ${target}, granted to ${grantee}${mayPassOn ? ' with grant option' : ''}`,
      statement: harmful ? `revoke ${rights} on ${target} from ${grantee}${mayPassOn ? ' cascade' : ''};` : null,
    }),
  );
}
