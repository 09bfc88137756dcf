// Requests that were lost while they ran: their engine stops, and those beside them go on.

import { describe, expect, test } from 'vitest';
import { dispatching } from './support/dispatching.ts';
import { claimed, generation, until } from './support/parts.ts';

test('a lost request is cancelled in its engine and never ends', async () => {
  const { dispatcher, endings, engines, held } = await dispatching();
  const request = generation('forever');
  dispatcher.accept([request]);
  await until('it runs', () => engines[0]!.generating.size === 1);
  dispatcher.lose(held.get(request.requestId)!);
  await until('it has stopped', () => engines[0]!.generating.size === 0);
  expect(held.size).toBe(0);
  expect(endings.size).toBe(0);
});

describe('a lost request in a batch', () => {
  /** Texts that an engine has begun, the first of which runs until it is let go. */
  async function withFirstHeld() {
    const begun: string[] = [];
    const first = Promise.withResolvers<void>();
    const parts = await dispatching({
      onText: (text) => {
        if (begun.push(text) === 1) return first.promise;
      },
    });
    return { ...parts, begun, letGo: first.resolve };
  }

  test('is left out, and its mates end', async () => {
    const { dispatcher, endings, held, begun, letGo } = await withFirstHeld();
    const [first, lost, last] = ['first', 'lost', 'last'].map((prompt) => claimed({ prompt }));
    dispatcher.accept([first!, lost!, last!]);
    await until('the first text runs', () => begun.length === 1);
    dispatcher.lose(held.get(lost!.requestId)!);
    letGo();
    await until('the others end', () => endings.size === 2);
    expect([begun, endings.has(lost!.requestId)]).toEqual([['first', 'last'], false]);
  });

  test('that is a rerank ends at once, and its place is free', async () => {
    const { dispatcher, endings, held, pool, begun, letGo } = await withFirstHeld();
    const params = { documents: ['one', 'two', 'three'] };
    const lost = claimed({ requestType: 'rerank', prompt: 'query', params });
    dispatcher.accept([lost]);
    await until('the query runs', () => begun.length === 1);
    dispatcher.lose(held.get(lost.requestId)!);
    letGo();
    await until('the engine is empty', () => pool.seats[0]!.load === 0);
    expect([begun, endings.size]).toEqual([['query'], 0]);
  });
});

test('an earlier attempt that ends after its request was claimed again says nothing of the later one', async () => {
  const [early, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { dispatcher, endings, held, pool } = await dispatching({
    deaf: true,
    onText: (text) => (text === 'early' ? early.promise : late.promise),
  });
  const request = claimed({ prompt: 'early' });
  dispatcher.accept([request]);
  const again = { ...request, prompt: 'later', leaseToken: '2' };
  dispatcher.accept([again]);
  expect(pool.seats[0]!.load).toBe(2);
  early.resolve();
  await until('the earlier attempt is out of the engine', () => pool.seats[0]!.load === 1);
  expect([endings.size, held.get(request.requestId)?.state]).toEqual([0, 'running']);
  late.resolve();
  await until('the later one ends', () => endings.size === 1);
  expect(endings.get(request.requestId)).toMatchObject({
    outcome: 'completed',
    embedding: new Float32Array([5, 2.5, 5 / 3, 1.25]),
  });
  expect(held.inState('settling').map(({ leaseToken }) => leaseToken)).toEqual(['2']);
});
