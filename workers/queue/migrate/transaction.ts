// Begins a transaction in which no name resolves to anything but PostgreSQL's own, so that a function or operator that some
// login left in a schema of the session's path is never run as the login that migrates. And in which SQL is read and
// written as it is by default, whatever the database or login is set to.
import type { Client } from './connection.ts';

/** The session's own search_path and where it comes from, as they were before the transaction set another one. */
export interface SessionPath {
  readonly source: string;
  readonly reset: string;
  readonly boot: string;
}

// The one statement that runs under the session's path: every name in it is qualified, the operator's too.
const READ_PATH = `
select s.source, s.reset_val as reset, s.boot_val as boot
from pg_catalog.pg_settings s where s.name operator(pg_catalog.=) 'search_path'`;

// Under the path: none of these statements names an object. With standard_conforming_strings off, a backslash in a pattern of
// pg-boss's or ours is an escape; with quote_all_identifiers on, names do not come back as they stand in our files.
const PIN = `
set local search_path = pg_catalog, pg_temp;
set local standard_conforming_strings = on;
set local quote_all_identifiers = off`;

/** SET LOCAL, and not a setting of the session: behind a bouncer the session is somebody else's afterwards. */
export async function beginTransaction(client: Client, mode: 'read only' | 'read write'): Promise<SessionPath> {
  await client.query(`begin transaction isolation level read committed ${mode}`);
  const { rows } = await client.query(READ_PATH);
  await client.query(PIN);
  return rows[0] as SessionPath;
}

/** Always rolled back: there is nothing to keep. */
export async function inReadOnlyTransaction<T>(client: Client, use: (path: SessionPath) => Promise<T>): Promise<T> {
  try {
    return await use(await beginTransaction(client, 'read only'));
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}
