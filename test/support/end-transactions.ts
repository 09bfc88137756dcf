// Ends what sessions have begun, whatever they wait for, and leaves the sessions themselves open.
import type pg from 'pg';
import { openClient } from './database.ts';
import { waitFor } from './wait-for.ts';

const CANCEL = `select pg_cancel_backend(pid) from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()`;

export async function endTransactions(superuserUrl: string, clients: readonly pg.Client[]): Promise<void> {
  await using canceller = await openClient(superuserUrl);
  let ended = false;
  // Queued behind what each one has still to do. One that is closed has nothing left to end.
  const ending = Promise.allSettled(clients.map((client) => client.query('rollback'))).then(() => {
    ended = true;
  });
  await waitFor(async () => {
    if (!ended) await canceller.query(CANCEL);
    return ended;
  }, 'all transactions to end');
  await ending;
}
