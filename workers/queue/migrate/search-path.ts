// The API schema at the end of the database's search_path, so that the documented names resolve unqualified. First would
// break everybody's CREATE TABLE.
import type { Client } from './connection.ts';
import type { Facts } from './facts.ts';
import type { Names } from './names.ts';
import type { SessionPath } from './transaction.ts';

export interface NotGranted {
  readonly what: string;
  /** For somebody with the right to run it. */
  readonly statement: string;
}

const READ = `
select split_part(setting, '=', 2) as path
from pg_db_role_setting s, unnest(s.setconfig) as setting
where s.setdatabase = (select oid from pg_database where datname = current_database())
  and s.setrole = 0 and setting like 'search\\_path=%'`;

/** The statement to run, or null when the schema is on the path already. */
export async function planSearchPath(
  client: Client,
  facts: Facts,
  names: Names,
  session: SessionPath,
): Promise<string | null> {
  if (names.extschema === 'public') return null;
  const { rows } = await client.query(READ);
  const ofDatabase = (rows[0] as { path: string } | undefined)?.path;
  const ofServer = session.source === 'configuration file' ? session.reset : session.boot;
  const path = extendedPath(ofDatabase ?? ofServer, names.extschema);
  return path === null ? null : `alter database ${facts.quotedDatabase} set search_path = ${path};`;
}

/** Null when the schema is on the path. */
export function extendedPath(path: string, schema: string): string | null {
  const entries = path.match(/"(?:[^"]|"")*"|[^\s,"]+/g) ?? [];
  if (entries.some((entry) => entry === schema || entry === `"${schema}"`)) return null;
  return [...entries.filter((entry) => entry !== '""'), schema].join(', ');
}

export function mayChangeDatabase(facts: Facts): boolean {
  return facts.superuser || facts.ownsDatabase;
}
