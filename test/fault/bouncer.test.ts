// Whole workers behind a bouncer in transaction mode: their four connections share one server connection, and LISTEN goes to
// the server itself.

import { expect, type TestContext, test } from 'vitest';
import { checkBeforeStart } from '../../workers/fleet/start-checks.ts';
import { startBouncer } from '../support/bouncer.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { countIn, enqueueEmbeds, fatesOf, texts } from './support/requests.ts';
import { startWorkerProcess } from './support/worker-process.ts';

const database = useDatabase();

async function bouncedWorkers(context: TestContext) {
  const url = (await startBouncer(context, [database.workerUrl])).url(database.workerUrl);
  const direct = { STEADYTEXT_LISTEN_URL: database.workerUrl };
  return { url, start: (env: Record<string, string> = {}) => startWorkerProcess(url, { ...direct, ...env }) };
}

test('a worker hears of work by the direct address and does it through the bouncer', async (context) => {
  const { url, start } = await bouncedWorkers(context);
  await checkBeforeStart({ databaseUrl: url, listenUrl: database.workerUrl, schema: 'steadytext' });
  // It does not look by itself while the test runs.
  const worker = await start({ STEADYTEXT_POLL_FAST_MS: '1000', STEADYTEXT_POLL_SLOW_MS: '60000' });
  await waitFor(() => worker.log.some(({ msg, state }) => msg === 'listener' && state === 'listening'), 'the listener');
  for (let round = 0; round < 3; round++) {
    const ids = await enqueueEmbeds(database, texts(500));
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 500, 'all to finish', 20_000);
    const once = { status: 'completed', retry_count: 0, ended_by: worker.id, logged: 1, audited: 1 };
    expect(await fatesOf(database, ids)).toEqual(Array(500).fill(expect.objectContaining(once)));
  }
  const connections = await database.query(
    database.superuserUrl,
    `select application_name from pg_stat_activity where usename = $1 and datname = current_database()`,
    [new URL(database.workerUrl).username],
  );
  expect(connections).toHaveLength(2);
  expect((await worker.stats()).stats).toMatchObject({ written: 1500, fenced: 0, lost: 0, refused: 0 });
  worker.signal('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

test('what a killed worker held is rescued and finished by another behind the same bouncer', async (context) => {
  const { start } = await bouncedWorkers(context);
  const doomed = await start({ ECHO_DELAY_MS: '600000', STEADYTEXT_EMBED_BATCH: '50' });
  const ids = await enqueueEmbeds(database, texts(50, 'kill'));
  await waitFor(async () => (await countIn(database, ids, 'processing', doomed.id)) === 50, 'fifty requests held');
  const heir = await start();
  doomed.signal('SIGKILL');
  await waitFor(async () => (await countIn(database, ids, 'completed')) === 50, 'all fifty to finish');
  const once = { status: 'completed', retry_count: 1, ended_by: heir.id, logged: 1, audited: 1 };
  expect(await fatesOf(database, ids)).toEqual(Array(50).fill(expect.objectContaining(once)));
});
