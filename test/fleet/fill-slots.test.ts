// An engine has one prompt at a time to begin, and asks for the next when it has: it does not wait for a poll in between.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { echoEngine } from './support/echo-engine.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();
const SLOTS = 16;
/** The longest that may be set: with one request a poll the slots were full after 15.1 s, and are now after 0.15. */
const POLL_MS = 1000;

test('all slots of an engine fill from a queue that was there before, faster than by polls', async () => {
  const ending = Promise.withResolvers<void>();
  const engine = echoEngine({ onText: () => ending.promise });
  await database.query(
    database.superuserUrl,
    `select steadytext_generate_batch_async(array(select 'word ' || i from generate_series(1, $1) i), max_tokens => 20)`,
    [SLOTS],
  );
  // No notice comes while it runs, and nothing ends: what it claims it claims because there is room.
  await startTestWorker(database, {
    // As an engine process does, it begins a while after it was given the request.
    startEngine: async () => ({
      ...engine,
      generate: async (...request) => {
        await sleep(5);
        return await engine.generate(...request);
      },
    }),
    env: {
      STEADYTEXT_GENERATE_SLOTS: String(SLOTS),
      STEADYTEXT_POLL_FAST_MS: String(POLL_MS),
      STEADYTEXT_POLL_SLOW_MS: '60000',
    },
  });
  await waitFor(() => engine.generating.size === SLOTS, 'all slots to be taken', 5 * POLL_MS);
  ending.resolve();
  const finished = `select count(*)::int as requests from steadytext_queue where status = 'completed'`;
  const requests = async () => (await database.query(database.superuserUrl, finished))[0].requests;
  await waitFor(async () => (await requests()) === SLOTS, 'all to finish');
  expect(engine.generating.size).toBe(0);
});
