// Keeps two migrates of one database apart.
//
// An advisory lock can be taken by every login that can work out its key. So it serves only for the first install, which
// has no table yet; from then on the lock is on a row that nobody but the owner role and superusers may lock.
import { actAsOwner, mayActAs } from './acting.ts';
import type { Client } from './connection.ts';
import { readFacts } from './facts.ts';
import type { Names } from './names.ts';
import { inReadOnlyTransaction } from './transaction.ts';

const KEY = 'hashtextextended($1::text, 0::bigint)';
const keyOf = (names: Names) => `steadytext migrate ${names.privschema}`;

/** Held until the transaction ends; false when another migrate has it. */
export async function takeLock(client: Client, names: Names): Promise<boolean> {
  const facts = await readFacts(client, names);
  const mayLockRow = mayActAs(facts, names);
  if (mayLockRow && (await isInstalled(client, names))) return await lockRow(client, names);
  const { rows } = await client.query(`select pg_try_advisory_xact_lock(${KEY}) as taken`, [keyOf(names)]);
  if (!(rows[0] as { taken: boolean }).taken) return false;
  // The one that we waited for may have made the table meanwhile, and the next one may hold its row.
  return !(mayLockRow && (await isInstalled(client, names))) || (await lockRow(client, names));
}

/** By the catalog: a name in a schema that the login may not use would be an error. */
async function isInstalled(client: Client, names: Names): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = 'installation' and pg_get_userbyid(c.relowner) = $2`,
    [names.privschema, `${names.roleprefix}steadytext_owner`],
  );
  return rows.length > 0;
}

async function lockRow(client: Client, names: Names): Promise<boolean> {
  await actAsOwner(client, names);
  const table = `${names.privschema}.installation`;
  const locked = await client.query(`select from ${table} for update skip locked`);
  // A table without its row has nothing to lock: the ledger then makes the row anew.
  const taken = locked.rows.length > 0 || (await client.query(`select from ${table}`)).rows.length === 0;
  await client.query('set local role none');
  return taken;
}

const HOLDERS = `
select distinct a.pid, coalesce(a.usename::text, '?') as login, coalesce(nullif(a.application_name, ''), '?') as application
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.granted and l.pid <> pg_backend_pid()
  and l.database = (select oid from pg_database where datname = current_database())
  and (l.locktype = 'advisory' and l.objsubid = 1 and (l.classid::bigint << 32 | l.objid::bigint) = ${KEY}
    or l.locktype = 'relation' and l.mode <> 'AccessShareLock' and l.relation = (
      select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $2 and c.relname = 'installation'))
order by a.pid`;

export interface LockHolder {
  readonly pid: number;
  readonly login: string;
  readonly application: string;
}

/** Who keeps this migrate waiting for another one. */
export async function lockHolders(client: Client, names: Names): Promise<LockHolder[]> {
  const values = [keyOf(names), names.privschema];
  return (await inReadOnlyTransaction(client, () => client.query(HOLDERS, values))).rows as LockHolder[];
}
