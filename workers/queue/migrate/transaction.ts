// Begins a transaction in which no name resolves to anything but PostgreSQL's own, so that a function or operator that some
// login left in a schema of the session's path is never run as the login that migrates.
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

/** SET LOCAL, and not a setting of the session: behind a bouncer the session is somebody else's afterwards. */
export async function beginTransaction(client: Client, mode: 'read only' | 'read write'): Promise<SessionPath> {
  await client.query(`begin transaction isolation level read committed ${mode}`);
  const { rows } = await client.query(READ_PATH);
  await client.query('set local search_path = pg_catalog, pg_temp');
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
