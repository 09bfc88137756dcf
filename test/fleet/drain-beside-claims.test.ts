// A worker that ends while a claim of another one looks at what it holds.

import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();

test('hands back what has not begun all the same, with no attempt used', async () => {
  const end = Promise.withResolvers<void>();
  let engine: EchoEngine | undefined;
  const worker = await startTestWorker(database, {
    startEngine: async () => {
      engine = echoEngine({ atOnce: 1, onText: () => end.promise });
      return engine;
    },
  });
  const url = await database.login(['steadytext_writer']);
  const enqueue = async (prompt: string): Promise<string> =>
    (await database.query(url, 'select steadytext_generate_async($1) as id', [prompt]))[0].id;
  const look = async (text: string, values: readonly unknown[] = []) =>
    await database.query(database.superuserUrl, text, values);
  await enqueue('runs');
  await waitFor(() => engine!.generating.size === 1, 'the first to run');
  const second = await enqueue('waits in the engine');
  const row = async () => (await look('select * from steadytext_queue where request_id = $1', [second]))[0];
  await waitFor(async () => (await row()).status === 'processing', 'the second to be claimed');

  await using claim = await database.connect(database.superuserUrl);
  await claim.query('begin');
  await claim.query('select from steadytext_queue where request_id = $1 for update', [second]);
  let over = false;
  const drained = worker.drain().finally(() => {
    over = true;
  });
  const waiting = `select count(*)::int as n from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database() and query like '%release_requests(%'`;
  await waitFor(
    async () => over || (await row()).status === 'pending' || (await look(waiting))[0].n === 1,
    'a release',
  );
  await claim.query('rollback');
  await waitFor(async () => over || (await row()).status === 'pending', 'it to be handed back while the first runs');
  end.resolve();
  await drained;
  expect(await row()).toMatchObject({ status: 'pending', retry_count: 0, leased_by: null });
});
