// What `steadytext status` reads, with times that no integer of seconds holds.
import { expect, test } from 'vitest';
import { openApiConnection } from '../../workers/queue/api/api-connection.ts';
import { type FleetStatus, readFleetStatus, unservedModels } from '../../workers/queue/api/fleet-status.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();

test('ages of a century are told in seconds', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_async('x')`);
  const superuser = await queue.superuser();
  await superuser.rows(`update steadytext_queue set created_at = '1900-01-01'`);
  const connection = await openApiConnection({ url: queue.db.superuserUrl, schema: 'steadytext', name: 'test' });
  try {
    const { queue: counts } = await readFleetStatus(connection);
    expect(counts).toMatchObject([{ requests: 1, status: 'pending' }]);
    expect(counts![0]!.oldest_seconds).toBeGreaterThan(2_147_483_647);
  } finally {
    await connection.close();
  }
});

test('a model that only scheduled requests ask for is missed too', () => {
  const count = { request_type: 'embed', requests: 1, oldest_seconds: null };
  const status: FleetStatus = {
    ...{ login: 'admin', scope: 'all', workers: [], models: [], paused: false, hidden: [] },
    queue: [
      { ...count, model: 'wanted-tomorrow', status: 'scheduled' },
      { ...count, model: 'wanted-now', status: 'pending' },
      { ...count, model: 'wanted-once', status: 'completed' },
    ],
  };
  expect(unservedModels(status)).toEqual(['wanted-now', 'wanted-tomorrow']);
});
