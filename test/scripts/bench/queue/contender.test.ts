// What `npm run bench queue` measures counts when all requests have ended as they should.

import { expect, onTestFinished, test } from 'vitest';
import { contender } from '../../../../scripts/bench/queue/contender.ts';

const SCRIPT = '../../../test/scripts/bench/queue/support/memory-queue.ts';

async function measured(behaviour: string): Promise<void> {
  const { start, drain, latency, check, stop } = contender('memory', SCRIPT);
  onTestFinished(async () => void (await stop()));
  await start({ admin: '', writer: '', worker: behaviour });
  await drain(10);
  expect((await latency(2, 1)).took).toHaveLength(2);
  await check();
}

test('all of them, in rounds and one by one', () => measured(''));

test.each([
  ['fails', 'completions', 11],
  ['is not written down', 'rows in the log', 11],
])('one that %s is an error', async (behaviour, record, count) => {
  await expect(measured(behaviour)).rejects.toThrow(
    `memory: Error: Expected ${record} of all 12 requests, got ${count}.`,
  );
});
