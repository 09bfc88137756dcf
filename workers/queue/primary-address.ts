// Of an address with several hosts, as libpq takes them, the one of the server that writes. Asked again for every new connection, so
// that after a failover everything goes to the new primary by itself.

import pg from 'pg';
import { hostAddresses } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import { sqlStateOf, toSteadyTextError } from './error-map.ts';

const TIMEOUT_MS = 3000;

/** The address itself where it has one host. Throws UnknownLogin, or DatabaseUnreachable with what each of several hosts said. */
export async function primaryAddress(url: string): Promise<string> {
  const addresses = hostAddresses(url);
  if (addresses.length === 1) return url;
  // All at once, for one that is away answers late; but in their order, so that everybody takes the same one of two.
  const asked = addresses.map((address) => refusal(address));
  for (const answer of asked) answer.catch(() => undefined);
  const refusals: string[] = [];
  for (const [index, answer] of asked.entries()) {
    const reason = await answer;
    if (reason === null) return addresses[index]!;
    refusals.push(reason);
  }
  throw new SteadyTextError(
    'DatabaseUnreachable',
    `expected one of ${addresses.length} servers to be the primary, got: ${refusals.join('; ')}`,
    { hint: 'check the hosts of the address, and that one of the servers has been promoted' },
  );
}

/** Null for a primary. */
async function refusal(address: string): Promise<string | null> {
  const client = new pg.Client({
    connectionString: address,
    application_name: 'steadytext primary check',
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  const place = `${client.host}:${client.port}`;
  try {
    await client.connect();
    const { rows } = await client.query('select pg_is_in_recovery() as standby');
    return (rows[0] as { standby: boolean }).standby ? `${place} is a standby` : null;
  } catch (error) {
    // Logins are the same on all of them.
    if (sqlStateOf(error).startsWith('28')) throw toSteadyTextError(error);
    return `${place}: ${(error as Error).message || (error as NodeJS.ErrnoException).code}`;
  } finally {
    client.end().catch(() => undefined);
  }
}
