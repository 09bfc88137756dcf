// The routines, views, triggers and policies that are in our schemas, as the catalog has them.
import type { Names } from './names.ts';
import { ownerOid } from './roles.ts';

export interface InventoryRow {
  readonly kind: 'routine' | 'view' | 'trigger' | 'policy';
  readonly name: string;
  /** Also the end of a drop statement: `function steadytext.f(text)`. */
  readonly identity: string;
  /** Changes whenever the object is made or replaced. */
  readonly version: string;
}

export type Inventory = ReadonlyMap<string, InventoryRow>;

/**
 * Names are validated identifiers, so they stand in the text: it goes to the server behind a file, in one message.
 * Only what our owner role owns counts: in the schema public, users have objects too. A trigger of a user's own function on
 * our tables is the user's; so may a policy be, whose origin the catalog does not tell.
 */
export function inventoryQuery(names: Names): string {
  const schemas = `('${names.extschema}', '${names.privschema}')`;
  const owner = ownerOid(names);
  const notOfExtension = (catalog: string, oid: string) =>
    `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;
  return `
select 'routine' as kind, p.oid, p.proname::text as name, p.xmin || ' ' || p.ctid as version,
       case p.prokind when 'p' then 'procedure ' when 'a' then 'aggregate ' else 'function ' end || p.oid::regprocedure as identity
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ${schemas} and p.proowner = ${owner} and ${notOfExtension('pg_proc', 'p.oid')}
union all
select 'view', c.oid, c.relname::text, r.xmin || ' ' || r.ctid, case c.relkind when 'm' then 'materialized view ' else 'view ' end || c.oid::regclass
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_rewrite r on r.ev_class = c.oid and r.rulename = '_RETURN'
where n.nspname in ${schemas} and c.relkind in ('v', 'm') and c.relowner = ${owner} and ${notOfExtension('pg_class', 'c.oid')}
union all
select 'trigger', t.oid, t.tgname::text, t.xmin || ' ' || t.ctid, 'trigger ' || quote_ident(t.tgname) || ' on ' || c.oid::regclass
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace join pg_proc p on p.oid = t.tgfoid
where n.nspname in ${schemas} and c.relowner = ${owner} and p.proowner = ${owner} and not t.tgisinternal and t.tgparentid = 0 and not c.relispartition
union all
select 'policy', o.oid, o.polname::text, o.xmin || ' ' || o.ctid, 'policy ' || quote_ident(o.polname) || ' on ' || c.oid::regclass
from pg_policy o join pg_class c on c.oid = o.polrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ${schemas} and c.relowner = ${owner}
order by identity`;
}

export function toInventory(rows: readonly unknown[]): Inventory {
  return new Map((rows as InventoryRow[]).map((row) => [row.identity, row]));
}

/** What was made or replaced between two looks. */
export function changedObjects(before: Inventory, after: Inventory): InventoryRow[] {
  return [...after.values()].filter((row) => before.get(row.identity)?.version !== row.version);
}
