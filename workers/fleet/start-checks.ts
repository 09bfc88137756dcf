// What must hold before a worker claims: each failure is one sentence for the user, not a worker that starts and idles.

import pg from 'pg';
import { CONFIG_VARIABLES, type Config } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import { toSteadyTextError } from '../queue/error-map.ts';
import { checkDatabase, checkPrimary } from '../queue/migrate/check-database.ts';
import { primaryAddress } from '../queue/primary-address.ts';

/** Throws DatabaseUnreachable, UnknownLogin, DatabaseReadOnly, DatabaseNotMigrated, DatabaseNewer or MissingRights. */
export async function checkBeforeStart({
  databaseUrl,
  listenUrl = databaseUrl,
  schema,
}: Pick<Config, 'schema' | 'listenUrl'> & { readonly databaseUrl: string }): Promise<void> {
  await withClient(databaseUrl, (client) => checkDatabase(client, schema));
  if (listenUrl === databaseUrl) return;
  await withClient(listenUrl, (client) => checkPrimary(client, 'LISTEN')).catch(({ name, message }) => {
    throw new SteadyTextError(name, `${CONFIG_VARIABLES.listenUrl}: ${message}`, {
      hint: `${CONFIG_VARIABLES.listenUrl} takes a direct address of the primary that ${CONFIG_VARIABLES.databaseUrl} leads to.`,
    });
  });
}

async function withClient(url: string, check: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: await primaryAddress(url),
    application_name: 'steadytext start check',
    connectionTimeoutMillis: 10_000,
  });
  // A server that goes away during the check is told by the statement that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await check(client);
  } catch (error) {
    throw toSteadyTextError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
