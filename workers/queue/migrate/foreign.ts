// What others put into our schemas or onto our tables. It is not ours to drop: it is told, with the statement for its owner where
// it opens rows to our users or can stand in the way of our functions.
import type { Client } from './connection.ts';
import type { Names } from './names.ts';
import { ownerOid, ROLES, roleName } from './roles.ts';
import { isTrusted } from './trusted.ts';

export interface ForeignObject {
  readonly what: string;
  /** Null of what does no harm. */
  readonly statement: string | null;
}

/**
 * In a schema that is not ours, as public may be, users have objects by right. A policy for roles of the administrator's own
 * shows their members more, as was meant; one for everybody or for our roles lets users see each other's rows. A trigger or
 * rule reads every row that is written, so it may call or fill nothing of a role that could not have had the rows anyhow: the
 * catalog does not tell who made it, only whose functions and tables it names.
 */
const foreignQuery = (names: Names) => {
  const owner = ownerOid(names);
  const ours = `'${names.extschema}', '${names.privschema}'`;
  const roles = ROLES.map((role) => `'${roleName(names, role)}'`).join(', ');
  const owned = `${ours}, '${names.bossschema}'`;
  const strangers = (catalog: string, oid: string) => `
    (select string_agg(distinct f.identity || ' of ' || quote_ident(pg_get_userbyid(u.owner)), ', ')
     from pg_depend e
     join (select 'pg_proc'::regclass as catalog, oid, proowner as owner from pg_proc
           union all select 'pg_operator'::regclass, o.oid, p.proowner from pg_operator o join pg_proc p on p.oid = o.oprcode
           union all select 'pg_type'::regclass, oid, typowner from pg_type
           union all select 'pg_class'::regclass, oid, relowner from pg_class) u on u.catalog = e.refclassid and u.oid = e.refobjid,
     pg_identify_object(e.refclassid, e.refobjid, 0) f
     where e.classid = '${catalog}'::regclass and e.objid = ${oid} and not ${isTrusted('u.owner', names)})`;
  const member = (catalog: string, oid: string) =>
    `exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;
  return `
select case p.prokind when 'p' then 'procedure ' when 'a' then 'aggregate ' else 'function ' end || p.oid::regprocedure as identity,
       'belongs to ' || pg_get_userbyid(p.proowner) as whose, true as harmful
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in (${ours}) and n.nspowner = ${owner} and p.proowner <> ${owner} and not ${member('pg_proc', 'p.oid')}
union all
select case c.relkind when 'v' then 'view ' when 'm' then 'materialized view ' when 'S' then 'sequence ' when 'f' then 'foreign table ' else 'table ' end
       || c.oid::regclass, 'belongs to ' || pg_get_userbyid(c.relowner), false
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in (${ours}) and n.nspowner = ${owner} and c.relowner <> ${owner} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
  and not ${member('pg_class', 'c.oid')}
union all
select 'policy ' || quote_ident(o.polname) || ' on ' || c.oid::regclass, null, o.polpermissive and exists (
         select from unnest(o.polroles) g left join pg_roles r on r.oid = g where g = 0 or r.rolname in (${roles}))
from pg_policy o join pg_class c on c.oid = o.polrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname in (${ours}) and c.relowner = ${owner}
union all
select 'trigger ' || quote_ident(t.tgname) || ' on ' || c.oid::regclass, 'hands rows to ' || x.uses, x.uses is not null
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace join pg_proc p on p.oid = t.tgfoid
cross join lateral ${strangers('pg_trigger', 't.oid')} x (uses)
where n.nspname in (${owned}) and c.relowner = ${owner} and p.proowner <> ${owner} and not t.tgisinternal and t.tgparentid = 0
union all
select 'rule ' || quote_ident(w.rulename) || ' on ' || c.oid::regclass, 'hands rows to ' || x.uses, x.uses is not null
from pg_rewrite w join pg_class c on c.oid = w.ev_class join pg_namespace n on n.oid = c.relnamespace
cross join lateral ${strangers('pg_rewrite', 'w.oid')} x (uses)
where n.nspname in (${owned}) and c.relowner = ${owner} and w.rulename <> '_RETURN'
order by identity`;
};

/** `known` are the objects that files of ours made. */
export async function readForeign(client: Client, names: Names, known: ReadonlySet<string>): Promise<ForeignObject[]> {
  const { rows } = await client.query(foreignQuery(names));
  return (rows as { identity: string; whose: string | null; harmful: boolean }[])
    .filter(({ identity }) => !known.has(identity))
    .map(({ identity, whose, harmful }) => ({
      what: whose === null ? identity : `${identity}, which ${whose}`,
      statement: harmful ? `drop ${identity};` : null,
    }));
}
