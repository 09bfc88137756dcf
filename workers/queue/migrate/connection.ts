// The connection that a migration runs on: given by the caller, or opened from an address and closed afterwards.
import pg from 'pg';
import { SteadyTextError } from '../../errors.ts';
import { isConnectionLost } from '../error-map.ts';
import { primaryAddress } from '../primary-address.ts';
import { tlsHint } from '../tls-errors.ts';
import { serverAnswer, withServerHint } from './server-answer.ts';

/** The part of pg's client that is used, so that a pooled client fits too. */
export interface Client {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

export async function withClient<T>(
  target: { client: Client } | { url: string; name?: string },
  use: (client: Client) => Promise<T>,
): Promise<T> {
  if ('client' in target) return await use(target.client);
  const client = new pg.Client({
    connectionString: await primaryAddress(target.url),
    application_name: target.name ?? 'steadytext migrate',
    connectionTimeoutMillis: 15_000,
  });
  // A connection lost between statements is reported by the next one, which does not know what the server said as it ended it.
  let lastWords: Error | undefined;
  client.on('error', (error) => {
    lastWords ??= error;
  });
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw unreachable(target.url, cause as Error);
  }
  try {
    return await use(client as unknown as Client);
  } catch (error) {
    throw toUserError((isConnectionLost(error) && lastWords) || error, target.url);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function unreachable(url: string, cause: Error): SteadyTextError {
  const place = describe(url);
  const reason = cause.message || (cause as NodeJS.ErrnoException).code || 'no connection';
  return new SteadyTextError('DatabaseUnreachable', `A PostgreSQL server should answer at ${place}, but: ${reason}`, {
    hint:
      tlsHint(cause) ??
      'Check the address, that the server runs, and the login. Migrate connects with the database owner, STEADYTEXT_ADMIN_URL.',
    cause,
  });
}

/** By no fault of what was run: cancelled, out of time (25P03, 25P04), out of memory, disk or connections, or a failing system. */
export function isStoppedFromOutside(error: unknown): boolean {
  return /^(57|53|58|25P0[34])/.test((error as { code?: string }).code ?? '');
}

/** The server's own errors, where nothing better was made of them on the way. */
function toUserError(error: unknown, url: string): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (error instanceof SteadyTextError || !(error instanceof Error)) return error;
  if (isConnectionLost(error)) return unreachable(url, error);
  if (!/^[0-9A-Z]{5}$/.test(code ?? '')) return error;
  if (isStoppedFromOutside(error)) {
    return new SteadyTextError(
      'StatementFailed',
      `The migration should have run to its end, but the server stopped it: ${message}`,
      {
        hint: 'Nothing was changed. An administrator, a timeout or a full disk can be the reason, which the log of the server tells; then migrate again.',
        cause: error,
      },
    );
  }
  return new SteadyTextError(
    code === '42501' ? 'MissingRights' : 'StatementFailed',
    `The migration should apply, but the server answered: ${serverAnswer(error)}`,
    {
      hint: /pg_control_system/.test(message)
        ? 'Nothing was changed. Which cluster this is tells restored users apart. A superuser runs: grant execute on function ' +
          'pg_catalog.pg_control_system() to public; or, once the roles are there, to steadytext_owner, with its prefix.'
        : withServerHint(
            'Nothing was changed. The login should own the database, and our schemas should hold nothing of others.',
            error,
          ),
      cause: error,
    },
  );
}

/** Host, port and database of an address; never the password. */
function describe(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname || 'localhost'}:${port || 5432}${pathname}`;
  } catch {
    return 'the given address';
  }
}
