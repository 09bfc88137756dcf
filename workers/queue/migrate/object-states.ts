// How our objects are set up beyond being there: row security, function settings, rights. Written down after each apply, so
// that a later run sees what was changed by hand.
import type { Client } from './connection.ts';
import { inventoryQuery } from './inventory.ts';
import type { Names } from './names.ts';
import { ownerOid, ROLES, roleName } from './roles.ts';

export interface ObjectState {
  /** As in the inventory; tables and schemas too. */
  readonly identity: string;
  /** What stands behind REVOKE … ON; null where there are no rights to give. */
  readonly target: string | null;
  /** Of a table, the clauses of ALTER TABLE that set it so; of a schema nothing; of the rest a digest. */
  readonly definition: string;
  /** Of what has expressions, a digest of them; null of the rest. */
  readonly expressions: Expressions | null;
  /** Of a trigger, its definition as earlier versions wrote it down, with columns by their numbers, which a restore draws anew. */
  readonly numbered: string | null;
  /** Of PUBLIC and our roles, as `SELECT (id) to steadytext_reader`; those of others are the administrator's to give. */
  readonly rights: readonly string[];
}

/** The catalog's form of expressions holds oids and differs from version to version: it can be compared in its own place only. */
export interface Expressions {
  /** Cluster, database and major version. */
  readonly place: string;
  readonly digest: string;
}

export const PLACE = `
  select concat_ws(' ', c.system_identifier, d.oid, current_setting('server_version_num')::int / 10000) as place
  from pg_control_system() c, pg_database d where d.datname = current_database()`;

/**
 * Expressions are compared as the catalog stores them: to have them written out as SQL would lock their tables. What they
 * refer to is in the definition too, by name, so that after a restore or an upgrade a condition that was taken away still
 * shows. Partitions come and go by themselves and are left out.
 */
function statesQuery(names: Names): string {
  const schemas = `('${names.extschema}', '${names.privschema}')`;
  const owner = ownerOid(names);
  const ours = ROLES.filter((role) => role !== 'steadytext_owner').map((role) => `'${roleName(names, role)}'`);
  const rights = (acl: string, column = `''`) => `
    select x.privilege_type || ${column} || ' to ' || coalesce(r.rolname, 'public')
           || case when x.is_grantable then ' with grant option' else '' end as held
    from aclexplode(${acl}) x left join pg_roles r on r.oid = x.grantee
    where x.grantee = 0 or r.rolname in (${ours.join(', ')})`;
  const sorted = (query: string) => `array(select held::text from (${query}) h order by held::text collate "C")`;
  const digest = (row: string) => `encode(sha256(convert_to(row(${row})::text, 'UTF8')), 'hex')`;
  // Pinned objects, which are PostgreSQL's own, are not among them. 15 notes some twice.
  const references = (catalog: string, oid: string) => `array(
    select distinct f.type || ' ' || f.identity collate "C" from pg_depend d, pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) f
    where d.classid = '${catalog}'::regclass and d.objid = ${oid} order by 1)`;
  const expressions = (row: string) => `jsonb_build_object('place', here.place, 'digest', ${digest(row)})`;
  const trigger = (columns: string) =>
    digest(`t.tgenabled, t.tgtype, ${columns}, t.tgargs, ${references('pg_trigger', 't.oid')}`);
  const ofRelation = sorted(
    `${rights(`coalesce(c.relacl, acldefault('r', c.relowner))`)}
     union all select l.held from pg_attribute a, lateral (${rights('a.attacl', `' (' || quote_ident(a.attname) || ')'`)}) l
     where a.attrelid = c.oid and a.attacl is not null and not a.attisdropped`,
  );
  return `
with i as (${inventoryQuery(names)}), here as (${PLACE})
select i.identity, 'routine ' || p.oid::regprocedure as target,
       ${digest('p.prosrc, p.proconfig, p.prosecdef, p.provolatile, p.proisstrict, p.proleakproof, p.proparallel')}
       || coalesce((select ' ' || a from (
            select ${digest('a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.agginitval, a.aggtranstype::regtype')} as a from pg_aggregate a
            where a.aggfnoid = p.oid) of_aggregate), '') as definition,
       null::jsonb as expressions, null as numbered, ${sorted(rights(`coalesce(p.proacl, acldefault('f', p.proowner))`))} as rights
from i join pg_proc p on i.kind = 'routine' and p.oid = i.oid
union all
select i.identity, 'table ' || c.oid::regclass, ${digest(`c.reloptions, ${references('pg_rewrite', 'r.oid')}`)},
       ${expressions('r.ev_action::text')}, null, ${ofRelation}
from here, i join pg_class c on i.kind = 'view' and c.oid = i.oid join pg_rewrite r on r.ev_class = c.oid and r.rulename = '_RETURN'
union all
select i.identity, null, ${trigger(`array(
         select a.attname from unnest(t.tgattr) with ordinality c (number, position)
         join pg_attribute a on a.attrelid = t.tgrelid and a.attnum = c.number order by c.position)`)},
       ${expressions('t.tgqual::text')}, ${trigger('t.tgattr::text')}, '{}'
from here, i join pg_trigger t on i.kind = 'trigger' and t.oid = i.oid
union all
select i.identity, null, ${digest(
    `o.polcmd, o.polpermissive, ${references('pg_policy', 'o.oid')},
     array(select coalesce(r.rolname, 'public')::text collate "C" from unnest(o.polroles) m left join pg_roles r on r.oid = m order by 1)`,
  )}, ${expressions('o.polqual::text, o.polwithcheck::text')}, null, '{}'
from here, i join pg_policy o on i.kind = 'policy' and o.oid = i.oid
union all
select 'table ' || c.oid::regclass, 'table ' || c.oid::regclass,
       case when c.relrowsecurity then 'enable' else 'disable' end || ' row level security, '
       || case when c.relforcerowsecurity then 'force' else 'no force' end || ' row level security', null, null, ${ofRelation}
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ${schemas} and c.relkind in ('r', 'p') and not c.relispartition and c.relowner = ${owner}
union all
select 'schema ' || n.nspname, 'schema ' || n.nspname, '', null, null, ${sorted(rights(`coalesce(n.nspacl, acldefault('n', n.nspowner))`))}
from pg_namespace n where n.nspname in ${schemas} and n.nspowner = ${owner}
order by identity`;
}

export async function readObjectStates(client: Client, names: Names): Promise<ObjectState[]> {
  return (await client.query(statesQuery(names))).rows as ObjectState[];
}
