// What a command prints reaches a reader that is slower than the command: all of it, whatever a pipe holds.

import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

/** Begins to read when the command has nothing left to do but to end: its session on the server is over. */
async function readLate(args: readonly string[], onceConnected: (stderr: () => string) => Promise<unknown>) {
  const url = await database.login(['steadytext_writer']);
  const { username } = new URL(url);
  const running = startSteadytext([...args, '--url', url]);
  running.child.stdout!.pause();
  const sessions = async () => {
    const rows = await database.query(database.superuserUrl, 'select from pg_stat_activity where usename = $1', [
      username,
    ]);
    return rows.length;
  };
  await waitFor(async () => (await sessions()) === 1, 'the command to connect');
  await onceConnected(running.stderr);
  await waitFor(async () => (await sessions()) === 0, 'the command to end its session');
  running.child.stdout!.resume();
  expect(await running.ended, running.stderr()).toBe(0);
  return running.stdout();
}

test('rows of sql, as CSV and as JSON', async () => {
  // Waits for a lock, so that the command is seen to be connected however fast it is.
  const numbers = 'select n from pg_advisory_lock_shared(1), generate_series(1, 150000) n';
  const answer = async (format: string) => {
    await using gate = await database.connect(database.superuserUrl);
    await gate.query('select pg_advisory_lock(1)');
    return await readLate(['sql', format, numbers], () => gate.query('select pg_advisory_unlock(1)'));
  };
  const csv = await answer('--csv');
  expect(csv.split('\n')).toHaveLength(150_002);
  expect(csv.slice(-8)).toBe('\n150000\n');
  expect(JSON.parse(await answer('--json'))).toHaveLength(150_000);
});

test('the result of a request that enqueue waited for', async () => {
  const result = 'long '.repeat(1_000_000);
  const printed = await readLate(['enqueue', 'generate', 'Hello', '--wait'], async (stderr) => {
    const [, id] = await waitFor(() => stderr().match(/^request (\S+)$/m), 'the request to be enqueued');
    await database.query(
      database.superuserUrl,
      `update steadytext.steadytext_queue
          set status = 'completed', runnable = false, completed_at = clock_timestamp(), result = $2
        where request_id = $1`,
      [id, result],
    );
    await database.query(database.superuserUrl, "select pg_notify('steadytext_result', $1)", [id]);
  });
  expect(printed).toHaveLength(result.length + 1);
  expect(printed.slice(-6)).toBe('long \n');
});
