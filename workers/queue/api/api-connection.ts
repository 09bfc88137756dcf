// One short-lived connection of a user's login, for the commands that call the public functions as anybody would.

import pg from 'pg';
import { sqlStateOf, toSteadyTextError } from '../error-map.ts';
import { namesOf } from '../migrate/names.ts';
import { primaryAddress } from '../primary-address.ts';

export interface ApiConnection {
  /** Schema that holds the public functions. Validated by namesOf, so it may stand in SQL text unquoted. */
  readonly schema: string;
  readonly channelPrefix: string;
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Under the login's own search_path, for what runs triggers of the user's tables: every name in the text has its schema. */
  queryAsLogin<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
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

/**
 * States that are told in our words. Our statements name nothing but what is ours and PostgreSQL's: a schema, function or table
 * that is missing is one of ours. 25006 is what a standby or a read-only login says to LISTEN and to writes.
 */
const TOLD_BY_US = new Set(['3F000', '42883', '42P01', '25006']);

/**
 * Throws DatabaseUnreachable or UnknownLogin. Statements throw DatabaseNotMigrated or DatabaseReadOnly; their other errors stay
 * PostgreSQL's own, with code and hint.
 */
export async function openApiConnection(options: ApiConnectionOptions): Promise<ApiConnection> {
  const { extschema, channelprefix: channelPrefix } = namesOf(options.schema);
  const client = new pg.Client({
    connectionString: await primaryAddress(options.url),
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
  let last: Promise<unknown> = Promise.resolve();
  /** A transaction of one call must not take in the statements of another. */
  const inTurn = <T>(use: () => Promise<T>): Promise<T> => {
    const turn = last.then(use);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    schema: extschema,
    channelPrefix,
    lost,
    query: <Row>(text: string, values: readonly unknown[] = []) => inTurn(() => runPinned<Row>(client, text, values)),
    queryAsLogin: <Row>(text: string, values: readonly unknown[] = []) =>
      inTurn(async () => (await client.query(text, [...values])).rows as Row[]).catch((error: unknown) => {
        throw told(error);
      }),
    async listen(channel, heard) {
      const name = `${channelPrefix}${channel}`;
      client.on('notification', (notice) => {
        if (notice.channel === name) heard(notice.payload ?? '');
      });
      await inTurn(() => client.query(`listen "${name}"`)).catch((error: unknown) => {
        throw told(error);
      });
    },
    close: () => client.end(),
  };
}

/**
 * One transaction, with nothing but PostgreSQL's own on the path: a function that somebody left in a schema of the login's
 * path is not run in place of one that our statement means. Numbers come with all their digits, whatever the login likes.
 * SET LOCAL, since a bouncer's session is shared.
 */
async function runPinned<Row>(client: pg.Client, text: string, values: readonly unknown[]): Promise<Row[]> {
  await client.query('begin; set local search_path = pg_catalog, pg_temp; set local extra_float_digits = 1');
  try {
    const { rows } = await client.query(text, [...values]);
    await client.query('commit');
    return rows as Row[];
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw told(error);
  }
}

function told(error: unknown): unknown {
  return TOLD_BY_US.has(sqlStateOf(error)) ? toSteadyTextError(error) : error;
}
