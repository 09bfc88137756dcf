import { expect, test } from 'vitest';
import { drain } from '../../workers/fleet/drain.ts';
import { HeldRequests } from '../../workers/fleet/held-requests.ts';
import { claimed, kept, until } from './support/parts.ts';

/** `refused` says how often a request is not taken when it is handed back. */
function draining(
  deadline: AbortSignal,
  refused: (requestId: string) => number = () => 0,
  claiming: Promise<void> = Promise.resolve(),
  /** The database's answers to outcomes. */
  answers: (signal: AbortSignal) => Promise<void> = async () => {},
  isAway: () => boolean = () => false,
) {
  const { log, lines } = kept();
  const asked = new Map<string, number>();
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
      claiming,
      held,
      notBegun: () => [notBegun!],
      settling: {
        emptied: async (signal) => {
          emptied = true;
          await answers(signal);
          if (!signal.aborted) for (const answered of held.inState('settling')) held.remove(answered);
        },
      },
      release: async (leases) => {
        // What was still in an engine could end now, and settle a request that others may have by then.
        for (const lease of leases) expect(held.get(lease.requestId)).toBeUndefined();
        if (isAway()) throw new Error('no connection');
        const taken = leases
          .map(({ requestId }) => requestId)
          .filter((id) => {
            asked.set(id, (asked.get(id) ?? 0) + 1);
            return asked.get(id)! > refused(id);
          });
        released.push(...taken);
        return new Set(taken);
      },
      lose: (request) => held.remove(request),
      log,
    });
  return {
    held,
    unstarted: [waiting!.requestId, notBegun!.requestId],
    running: running!,
    slow: slow!,
    released,
    asked,
    lines,
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

test('so is what the last claim brings, which was under way', async () => {
  const claiming = Promise.withResolvers<void>();
  const parts = draining(AbortSignal.timeout(30_000), undefined, claiming.promise);
  const { held, unstarted, running, slow, released, start } = parts;
  const ended = start();
  await new Promise(setImmediate);
  const brought = held.add(claimed());
  claiming.resolve();
  await until('what waits is handed back, while others run', () => released.length === 3);
  expect(released.sort()).toEqual([...unstarted, brought.requestId].sort());
  for (const one of [running, slow]) held.markSettling(one);
  await ended;
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

test('what does not come back is handed back again, and told of where it does not come back at all', async () => {
  const times = new Map<string, number>();
  const parts = draining(AbortSignal.timeout(30_000), (id) => times.get(id)!);
  const { held, unstarted, running, slow, released, asked, lines, start } = parts;
  times.set(unstarted[0]!, 2).set(unstarted[1]!, 9);
  const ended = start();
  for (const one of [running, slow]) held.markSettling(one);
  await ended;
  expect(released).toEqual([unstarted[0]]);
  expect(unstarted.map((id) => asked.get(id))).toEqual([3, 3]);
  expect(lines).toMatchObject([
    { level: 'info', msg: 'requests handed back', requests: 1 },
    { level: 'warn', msg: 'hand back not taken, leases will be rescued', requests: 1 },
  ]);
});

test('what a database that is away did not take back is handed back when it has come again', async () => {
  let isAway = true;
  const signal = AbortSignal.timeout(30_000);
  const { held, unstarted, running, slow, released, lines, start } = draining(
    signal,
    undefined,
    undefined,
    undefined,
    () => isAway,
  );
  const ended = start();
  for (const one of [running, slow]) held.markSettling(one);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(released).toEqual([]);
  isAway = false;
  await ended;
  expect(released).toEqual(unstarted);
  expect(lines).toMatchObject([{ level: 'info', msg: 'requests handed back', requests: 2 }]);
});

test('of what it never took back the number is told', async () => {
  const deadline = new AbortController();
  const parts = draining(deadline.signal, undefined, undefined, undefined, () => true);
  const ended = parts.start();
  for (const one of [parts.running, parts.slow]) parts.held.markSettling(one);
  await new Promise(setImmediate);
  deadline.abort();
  await ended;
  expect(parts.lines).toMatchObject([{ level: 'warn', msg: 'hand back failed, leases will be rescued', requests: 2 }]);
});

test('outcomes that the database did not take are told of with their number, once the deadline and the last words are over', async () => {
  const deadline = new AbortController();
  const ends: boolean[] = [];
  const never = async (signal: AbortSignal) => {
    await new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener('abort', resolve)));
    ends.push(signal === deadline.signal);
  };
  const { held, running, slow, lines, start } = draining(deadline.signal, undefined, undefined, never);
  const ended = start();
  for (const one of [running, slow]) held.markSettling(one);
  await until('the outcomes to be waited for', () => held.settling === 3);
  deadline.abort();
  await ended;
  expect(ends).toEqual([true, false]);
  expect(lines).toMatchObject([
    { level: 'info', msg: 'requests handed back', requests: 2 },
    { level: 'warn', msg: 'outcomes not written, leases will be rescued', requests: 3 },
  ]);
});
