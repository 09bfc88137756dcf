// Requests that must run alone: each has an engine of its own, and they hold up neither ordinary ones nor other workers.

import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { dispatching } from './support/dispatching.ts';
import { echoEngine } from './support/echo-engine.ts';
import { generation, until } from './support/parts.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();
const asSuperuser = (text: string, values: unknown[] = []) => database.query(database.superuserUrl, text, values);
const MINE = `leased_by = $1 and status = 'processing'`;

test('while one runs the others stay in the queue, ordinary ones have the rest of the engines, and other workers take more', async () => {
  const ending = Promise.withResolvers<void>();
  const startEngine = async () =>
    echoEngine({ onText: (text) => (text.startsWith('alone') ? ending.promise : undefined) });
  const enqueue = `select steadytext_generate_batch_async(array(select $1 || i from generate_series(1, $2) i), max_tokens => 20)`;
  await asSuperuser(enqueue, ['alone ', 6]);
  await asSuperuser('update steadytext_queue set isolated = true');
  await asSuperuser(enqueue, ['word ', 60]);

  const first = await startTestWorker(database, { startEngine, env: { STEADYTEXT_ENGINES: '2' } });
  const done = `select from steadytext_queue where prompt like 'word %' and status = 'completed'`;
  await waitFor(async () => (await asSuperuser(done)).length === 60, 'the ordinary ones to finish');
  const alone = `select from steadytext_queue where isolated and ${MINE}`;
  expect(await asSuperuser(alone, [first.id])).toHaveLength(1);

  const second = await startTestWorker(database, { startEngine, env: { STEADYTEXT_ENGINES: '4' } });
  await waitFor(async () => (await asSuperuser(alone, [second.id])).length === 2, 'the other worker to take two');
  ending.resolve();
  const left = `select from steadytext_queue where isolated and status <> 'completed'`;
  await waitFor(async () => (await asSuperuser(left)).length === 0, 'all to finish');
});

describe('an isolated request', () => {
  test('waits until an engine is empty, runs there alone, and lets the others in again', async () => {
    const { dispatcher, endings, engines, held } = await dispatching({ generateSlots: 4 });
    const long = generation('forever');
    dispatcher.accept([long]);
    await until('the first runs', () => engines[0]!.generating.size === 1);
    expect(dispatcher.isolatedLimit()).toBe(1);
    const alone = generation('alone', { isolated: true });
    const later = generation('later');
    dispatcher.accept([alone, later]);
    // The engine is kept for it: another would only wait here, where another worker could have it.
    expect(dispatcher.isolatedLimit()).toBe(0);
    expect(held.inState('waiting').map(({ requestId }) => requestId)).toEqual([alone.requestId, later.requestId]);

    const seen: number[] = [];
    dispatcher.lose(held.get(long.requestId)!);
    await until('the later one has ended', () => {
      if (endings.has(alone.requestId) === false) seen.push(engines[0]!.generating.size);
      return endings.has(later.requestId);
    });
    expect(endings.get(alone.requestId)!.outcome).toBe('completed');
    expect(Math.max(...seen)).toBe(1);
  });

  test('takes an engine of its own beside others that do, in half of the engines; ordinary ones go on in the rest', async () => {
    const { dispatcher, endings, engines, held } = await dispatching({ engines: 4, generateSlots: 2 });
    const alone = Array.from({ length: 3 }, (_, i) => generation(`forever ${i}`, { isolated: true }));
    const others = Array.from({ length: 4 }, () => generation('forever'));
    dispatcher.accept([...alone, ...others]);
    const perEngine = () => engines.map(({ generating }) => generating.size).sort();
    await until('all but one run', () => held.inState('running').length === 6);
    expect(perEngine()).toEqual([1, 1, 2, 2]);
    expect(held.inState('waiting').map(({ requestId }) => requestId)).toEqual([alone[2]!.requestId]);

    dispatcher.lose(held.get(alone[0]!.requestId)!);
    await until('the third runs', () => held.get(alone[2]!.requestId)?.state === 'running');
    expect(perEngine()).toEqual([1, 1, 2, 2]);
    for (const { requestId } of alone.slice(1)) dispatcher.lose(held.get(requestId)!);
    const later = Array.from({ length: 4 }, () => generation('later'));
    dispatcher.accept(later);
    await until('the engines are open again', () => later.every(({ requestId }) => endings.has(requestId)));
  });

  test('takes no room from ordinary ones while it waits, and no more of its kind are asked for', async () => {
    const { dispatcher, engines, held } = await dispatching({ engines: 2, generateSlots: 4 });
    const limits = () => [
      dispatcher.demands().find((one) => one.requestType === 'generate')?.limit,
      dispatcher.isolatedLimit(),
    ];
    expect(limits()).toEqual([2, 1]);
    const alone = Array.from({ length: 8 }, (_, i) => generation(`forever ${i}`, { isolated: true }));
    dispatcher.accept(alone);
    await until('one runs', () => engines.some(({ generating }) => generating.size === 1));
    expect([held.inState('waiting').length, ...limits()]).toEqual([7, 1, 0]);
    for (const { requestId } of alone) dispatcher.lose(held.get(requestId)!);
    await until('the engines are empty', () => engines.every(({ generating }) => generating.size === 0));
    expect(limits()).toEqual([2, 1]);
  });

  test('finds engines among those that are there, and not among those that have died', async () => {
    const { dispatcher, engines } = await dispatching({ engines: 4, mostStarts: 4 });
    expect(dispatcher.isolatedLimit()).toBe(2);
    for (const left of [2, 1, 0]) {
      engines[left + 1]!.crash({ signal: 'SIGKILL' });
      await until('it is known', () => dispatcher.isolatedLimit() === Math.ceil((left + 1) / 2));
    }
  });

  test('that is lost while it waits frees the engine kept for it', async () => {
    const { dispatcher, endings, engines, held } = await dispatching();
    const long = generation('forever');
    dispatcher.accept([long]);
    await until('the first runs', () => engines[0]!.generating.size === 1);
    const alone = generation('alone', { isolated: true });
    dispatcher.accept([alone]);
    expect(dispatcher.demands()).toEqual([]);
    dispatcher.lose(held.get(alone.requestId)!);
    expect(dispatcher.demands()).not.toEqual([]);
    const next = generation('next');
    dispatcher.accept([next]);
    await until('the next has ended', () => endings.has(next.requestId));
    expect(endings.has(alone.requestId)).toBe(false);
  });
});
