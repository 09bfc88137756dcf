import { expect, test } from 'vitest';
import { drain } from '../../workers/fleet/drain.ts';
import { HeldRequests } from '../../workers/fleet/held-requests.ts';
import { claimed, silent, until } from './support/parts.ts';

function draining(deadline: AbortSignal) {
  const held = new HeldRequests();
  const [waiting, notBegun, running, slow, settling] = [0, 1, 2, 3, 4].map(() => held.add(claimed()));
  for (const inEngine of [notBegun, running, slow]) inEngine!.state = 'running';
  held.markSettling(settling!);
  const released: string[] = [];
  const leaving = new AbortController();
  let emptied = false;
  const start = () =>
    drain({
      deadline,
      leaving: leaving.signal,
      claiming: Promise.resolve(),
      held,
      notBegun: () => [notBegun!],
      settling: {
        emptied: async () => {
          emptied = true;
        },
      },
      release: async (leases) => {
        // What was still in an engine could end now, and settle a request that others may have by then.
        for (const lease of leases) expect(held.get(lease.requestId)).toBeUndefined();
        released.push(...leases.map(({ requestId }) => requestId));
        return new Set(leases.map(({ requestId }) => requestId));
      },
      lose: (request) => held.remove(request),
      log: silent,
    });
  return {
    held,
    unstarted: [waiting!.requestId, notBegun!.requestId],
    running: running!,
    slow: slow!,
    released,
    start,
    emptied: () => emptied,
  };
}

test('what has not started is handed back at once, what runs may end, and outcomes are settled last', async () => {
  const { held, unstarted, running, slow, released, start, emptied } = draining(AbortSignal.timeout(30_000));
  const ended = start();
  await until('what waits is handed back', () => released.length === 2);
  expect(released).toEqual(unstarted);
  held.markSettling(running);
  expect(emptied()).toBe(false);
  held.markSettling(slow);
  await ended;
  expect(released).toEqual(unstarted);
  expect(emptied()).toBe(true);
});

test('at the deadline what still runs is handed back too', async () => {
  const deadline = new AbortController();
  const { held, unstarted, running, slow, released, start } = draining(deadline.signal);
  const ended = start();
  await until('what waits is handed back', () => released.length === 2);
  held.markSettling(running);
  deadline.abort();
  await ended;
  expect(released).toEqual([...unstarted, slow.requestId]);
});
