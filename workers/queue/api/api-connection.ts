// One short-lived connection of a user's login, for the commands that call the public functions as anybody would.

import pg from 'pg';
import { toSteadyTextError } from '../error-map.ts';
import { namesOf } from '../migrate/names.ts';

export interface ApiConnection {
  /** Schema that holds the public functions. Validated by namesOf, so it may stand in SQL text unquoted. */
  readonly schema: string;
  readonly channelPrefix: string;
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Listens on a channel and calls back with each payload; rejects what waits on `lost` when the connection breaks. */
  listen(channel: string, heard: (payload: string) => void): Promise<void>;
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

export interface ApiConnectionOptions {
  readonly url: string;
  readonly schema: string;
  readonly name: string;
}

/** Throws DatabaseUnreachable or UnknownLogin; errors of statements stay PostgreSQL's own, with code and hint. */
export async function openApiConnection(options: ApiConnectionOptions): Promise<ApiConnection> {
  const { extschema, channelprefix: channelPrefix } = namesOf(options.schema);
  const client = new pg.Client({
    connectionString: options.url,
    application_name: options.name,
    connectionTimeoutMillis: 10_000,
  });
  const lost = new Promise<never>((_, reject) => {
    client.on('error', (error) => reject(toSteadyTextError(error)));
    client.on('end', () => reject(toSteadyTextError(new Error('Connection terminated'))));
  });
  lost.catch(() => undefined);
  await client.connect().catch((error: unknown) => {
    throw toSteadyTextError(error);
  });
  return {
    schema: extschema,
    channelPrefix,
    lost,
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
    async listen(channel, heard) {
      const name = `${channelPrefix}${channel}`;
      client.on('notification', (notice) => {
        if (notice.channel === name) heard(notice.payload ?? '');
      });
      await client.query(`listen "${name}"`);
    },
    close: () => client.end(),
  };
}
