// A worker whose machine stood still for longer than its leases: what it holds is still its own.

import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { echoEngine } from './support/echo-engine.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();

test('renews what it holds before it looks for leases that have run out', async () => {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await startTestWorker(database, {
    startEngine: async () =>
      echoEngine({
        onText: () => {
          begun.resolve();
          return held.promise;
        },
      }),
    // Only looking for leases that have run out comes round in this test.
    timings: { renewMs: 600_000, rescueMs: 1000 },
  });
  const url = await database.login(['steadytext_writer']);
  const [request] = await database.query(url, `select steadytext_embed_async('long') as id`);
  await begun.promise;
  const rows = (text: string) => database.query(database.superuserUrl, text, [request.id]);
  // Just after a look: between renewing and looking it would find the lease over.
  const stoodStill = `update steadytext_queue set lease_expires_at = now() - interval '1 minute' where request_id = $1 and exists (
    select from pg_stat_activity where datname = current_database() and query ~ 'rescue_requests' and state = 'idle'
      and application_name like 'steadytext lease%' and clock_timestamp() - state_change < interval '300 ms')
    returning 1`;
  await waitFor(async () => (await rows(stoodStill)).length === 1, 'a look for leases that have run out');
  const lease = async () =>
    (
      await rows(`select lease_expires_at > now() as renewed, status, lease_token::int, retry_count from steadytext_queue
        where request_id = $1`)
    )[0];
  await waitFor(async () => (await lease()).renewed !== false, 'the worker looks for leases that have run out');
  expect(await lease()).toEqual({ renewed: true, status: 'processing', lease_token: 1, retry_count: 0 });
  held.resolve();
  await waitFor(async () => (await lease()).status === 'completed', 'its end');
});
