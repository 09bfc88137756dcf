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

// All behind the first '=': names in it may have more of them.
const READ = `
select substr(setting, strpos(setting, '=') + 1) as path
from pg_db_role_setting s, unnest(s.setconfig) as setting
where s.setdatabase = (select oid from pg_database where datname = current_database())
  and s.setrole = 0 and setting like 'search\\_path=%'`;

export interface PathPlan {
  /** Null when the schema is on the path already. */
  readonly statement: string | null;
  /**
   * The schemas whose functions an unqualified call of ours may find: also behind ours, where arguments of other types fit
   * better.
   */
  readonly searched: readonly string[];
}

export async function planSearchPath(
  client: Client,
  facts: Facts,
  names: Names,
  session: SessionPath,
  wanted: boolean,
): Promise<PathPlan> {
  const { rows } = await client.query(READ);
  const ofDatabase = (rows[0] as { path: string } | undefined)?.path;
  const ofServer = session.source === 'configuration file' ? session.reset : session.boot;
  const schemas = schemasOf(ofDatabase ?? ofServer);
  if (schemas.includes(names.extschema)) return { statement: null, searched: schemas };
  if (!wanted || names.extschema === 'public') return { statement: null, searched: [] };
  const all = [...schemas, names.extschema];
  const statement = `alter database ${facts.quotedDatabase} set search_path = ${await quoted(client, all)};`;
  return { statement, searched: all };
}

/**
 * The names on a path, read as the server reads it: within quotes as they stand, without in lower case and up to the next
 * space or comma, whatever else they hold. Empty names, which stand for no schema, are left out.
 */
export function schemasOf(path: string): string[] {
  const entries = path.matchAll(/"((?:[^"]|"")*)"|[^ \t\n\r\f\v,]+/g);
  return [...entries]
    .map(([entry, inQuotes]) =>
      inQuotes === undefined
        ? entry.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
        : inQuotes.replaceAll('""', '"'),
    )
    .filter((name) => name !== '');
}

/** By the server, which knows its own reserved words. */
async function quoted(client: Client, schemas: readonly string[]): Promise<string> {
  const { rows } = await client.query(
    `select string_agg(quote_ident(s.name), ', ' order by s.place) as path
     from unnest($1::text[]) with ordinality as s (name, place)`,
    [schemas],
  );
  return (rows[0] as { path: string }).path;
}

export function mayChangeDatabase(facts: Facts): boolean {
  return facts.superuser || facts.ownsDatabase;
}
