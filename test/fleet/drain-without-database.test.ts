// A worker that ends while the database is away, as in a failover.

import { expect, test } from 'vitest';
import { countIn, enqueueEmbeds, fatesOf, texts } from '../fault/support/requests.ts';
import { startProxy } from '../queue/support/proxy.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { echoEngine } from './support/echo-engine.ts';
import { kept } from './support/parts.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();

test('settles what had ended when the database is back before the deadline, with no attempt used', async () => {
  await using network = await startNetwork();
  const end = Promise.withResolvers<void>();
  const { log, lines } = kept();
  const worker = await startTestWorker(
    { workerUrl: network.url },
    {
      log,
      startEngine: async () => echoEngine({ onText: () => end.promise }),
      env: { STEADYTEXT_LEASE_SECONDS: '60', STEADYTEXT_DRAIN_SECONDS: '60' },
      timings: { statementMs: 1000 },
    },
  );
  const ids = await enqueueEmbeds(database, texts(20, 'ended while away'));
  await waitFor(async () => (await countIn(database, ids, 'processing', worker.id)) === 20, 'all to be claimed');
  network.silence();
  end.resolve();
  await waitFor(() => worker.stats().settling === 20, 'all to end');
  const drained = worker.drain();
  // Longer than its last words to a database would take.
  await new Promise((resolve) => setTimeout(resolve, 4000));
  network.restore();
  await drained;
  const once = { status: 'completed', retry_count: 0, logged: 1, audited: 1, ended_by: worker.id };
  expect(await fatesOf(database, ids)).toEqual(Array(20).fill(expect.objectContaining(once)));
  const told = lines.map(({ msg }) => msg);
  expect(told).toContain('settle failed');
  expect(told).not.toContain('outcomes not written, leases will be rescued');
  expect(lines.at(-1)).toMatchObject({ msg: 'worker drained', claimed: 20, written: 20 });
});

async function startNetwork() {
  const proxy = await startProxy(database.workerUrl);
  return {
    url: proxy.url(database.workerUrl),
    silence: () => proxy.silence(),
    restore: () => proxy.restore(),
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}
