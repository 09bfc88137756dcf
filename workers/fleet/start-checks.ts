// What must hold before a worker claims: each failure is one sentence for the user, not a worker that starts and idles.

import pg from 'pg';
import { toSteadyTextError } from '../queue/error-map.ts';
import { checkDatabase } from '../queue/migrate/check-database.ts';

/** Throws DatabaseUnreachable, UnknownLogin, DatabaseNotMigrated, DatabaseNewer or MissingRights. */
export async function checkBeforeStart(url: string, schema: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'steadytext start check',
    connectionTimeoutMillis: 10_000,
  });
  // A server that goes away during the check is told by the statement that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await checkDatabase(client, schema);
  } catch (error) {
    throw toSteadyTextError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
