// Runs one statement in a session of its own. A signal has the server cancel it: a statement that nobody waits for any more
// would go on and commit.

import pg from 'pg';
import { SteadyTextError } from '../errors.ts';
import { cancelStatement } from '../queue/cancel-statement.ts';
import { drop } from '../queue/client.ts';
import { primaryAddress } from '../queue/primary-address.ts';
import { type CommandContext, remark } from './context.ts';
import { describeNotice } from './describe-error.ts';
import type { Stop } from './stop.ts';

export type Answer = pg.QueryArrayResult<unknown[]>;

/** PostgreSQL's own text of a value, which the driver's types would change: dates by the time zone, NaN, bytea. */
const RAW = { getTypeParser: () => (value: string) => value };

/** Null when it was left: by a signal before the statement was sent, or by a second one before it ended. */
export async function runStatement(
  context: CommandContext,
  url: string,
  text: string,
  stop: Stop,
): Promise<Answer | null> {
  const client = new pg.Client({ connectionString: await primaryAddress(url), application_name: 'steadytext sql' });
  client.on('notice', (notice) => remark(context, describeNotice(notice)));
  // A broken connection fails the statement, which tells it.
  client.on('error', () => undefined);
  await Promise.race([client.connect(), stop.wanted]);
  if (stop.signal !== null) {
    drop(client);
    return null;
  }
  const copies = hearCopies(client);
  const cancelling = cancelWhenStopped(context, client, stop);
  try {
    // The extended protocol takes one statement only, so a second one is an error here and not a surprise.
    const query = { text, rowMode: 'array' as const, queryMode: 'extended', types: RAW } as pg.QueryArrayConfig;
    const answer = await Promise.race([client.query<unknown[]>(query), stop.urgent]);
    if (!answer) {
      remark(context, 'Left before the statement ended: it may still go on and commit.');
      return null;
    }
    if (copies()) throw copiesRefused();
    return answer;
  } finally {
    cancelling.forget();
    await client.end();
  }
}

function cancelWhenStopped(context: CommandContext, client: pg.Client, stop: Stop): { forget(): void } {
  const cancel = () => {
    remark(context, 'Asked the server to cancel the statement; a second signal leaves at once.');
    cancelStatement(client).catch((error: Error) =>
      remark(context, `The request to cancel did not reach the server, and the statement goes on: ${error.message}`),
    );
  };
  stop.asked.addEventListener('abort', cancel, { once: true });
  return { forget: () => stop.asked.removeEventListener('abort', cancel) };
}

/** Whether the server has sent rows of a COPY, which the driver drops; one into a file or a program sends none. */
function hearCopies(client: pg.Client): () => boolean {
  let heard = false;
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.once('copyOutResponse', () => {
    heard = true;
  });
  return () => heard;
}

function copiesRefused(): SteadyTextError {
  return new SteadyTextError('InvalidOption', 'Expected a statement whose rows can be printed, got COPY … TO STDOUT.', {
    hint: 'Give the query itself: steadytext sql --csv "select …" prints its rows as CSV with a head.',
  });
}
