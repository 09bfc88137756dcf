// The API schema at the end of the database's search_path, so that the documented names resolve unqualified. First would
// break everybody's CREATE TABLE.
import type { Client } from './connection.ts';
import type { Facts } from './facts.ts';
import type { Names } from './names.ts';

export interface NotGranted {
  readonly what: string;
  /** For somebody with the right to run it. */
  readonly statement: string;
}

const READ = `
select (select split_part(setting, '=', 2)
        from pg_db_role_setting s, unnest(s.setconfig) as setting
        where s.setdatabase = (select oid from pg_database where datname = current_database())
          and s.setrole = 0 and setting like 'search\\_path=%') as "ofDatabase",
       (select case when source = 'configuration file' then reset_val else boot_val end
        from pg_settings where name = 'search_path') as "ofServer"`;

/** The statement to run, or null when the schema is on the path already. */
export async function planSearchPath(client: Client, facts: Facts, names: Names): Promise<string | null> {
  if (names.extschema === 'public') return null;
  const { rows } = await client.query(READ);
  const { ofDatabase, ofServer } = rows[0] as { ofDatabase: string | null; ofServer: string };
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
