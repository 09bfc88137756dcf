// Large requests have few places of an engine, and the others theirs beside them.

import { describe, expect, test } from 'vitest';
import { generateHandler } from '../../workers/handlers/generate.ts';
import type { ClaimDemand } from '../../workers/queue/types.ts';
import { dispatching } from './support/dispatching.ts';
import { claimed, until } from './support/parts.ts';

const demandFor = (dispatcher: { demands(): ClaimDemand[] }, type: string) =>
  dispatcher.demands().find(({ requestType }) => requestType === type);

const large = (prompt: string) => claimed({ prompt, inputTokens: 5000 });

/** Texts that begin with "long" run until they are let go. */
async function withLongTexts(engines = 1) {
  const go = Promise.withResolvers<void>();
  const begun: string[] = [];
  const parts = await dispatching({
    engines,
    onText: (text) => {
      begun.push(text);
      return text.startsWith('long') ? go.promise : undefined;
    },
  });
  return { ...parts, begun, letGo: go.resolve };
}

describe('large texts', () => {
  test('are two an engine, and leave room for all others', async () => {
    const { dispatcher, endings, letGo, begun } = await withLongTexts();
    expect(demandFor(dispatcher, 'embed')).toMatchObject({ limit: 64, largest: 512, largeLimit: 2 });
    dispatcher.accept([large('long 1'), large('long 2')]);
    await until('they run', () => begun.length === 2);
    expect(demandFor(dispatcher, 'embed')).toMatchObject({ limit: 62, largeLimit: 0 });
    const short = claimed({ prompt: 'short' });
    dispatcher.accept([short]);
    await until('a short one ends beside them', () => endings.has(short.requestId));
    letGo();
    await until('they end', () => endings.size === 3);
    expect(demandFor(dispatcher, 'embed')).toMatchObject({ limit: 64, largeLimit: 2 });
  });

  test('are each a call of its own: one that ends is settled, and gives its place, before the other', async () => {
    const first = Promise.withResolvers<void>();
    const { dispatcher, endings, engines } = await dispatching({
      onText: (text) => (text === 'long 2' ? new Promise(() => undefined) : first.promise),
    });
    const [one, other] = [large('long 1'), large('long 2')];
    dispatcher.accept([one, other]);
    first.resolve();
    await until('the first is settled', () => endings.has(one.requestId));
    expect([endings.has(other.requestId), engines[0]!.embedCalls]).toEqual([false, [1, 1]]);
    await until('its place is free', () => demandFor(dispatcher, 'embed')!.largeLimit === 1);
  });

  test('go to all engines alike, and more than there are places for wait here and keep nobody else out', async () => {
    const { dispatcher, engines, endings, letGo, begun } = await withLongTexts(2);
    dispatcher.accept(Array.from({ length: 6 }, (_, i) => large(`long ${i}`)));
    await until('four run', () => begun.length === 4);
    expect(engines.map(({ embedCalls }) => embedCalls.length)).toEqual([2, 2]);
    expect(demandFor(dispatcher, 'embed')).toMatchObject({ limit: 124, largeLimit: 0 });
    const short = claimed({ prompt: 'short' });
    dispatcher.accept([short]);
    await until('it ends', () => endings.has(short.requestId));
    letGo();
    await until('all end', () => endings.size === 7);
  });
});

test.each([
  [16, 1],
  [90, 2],
  [135, 3],
  [9000, 7],
])(
  'long generations have as many places as %i MiB for keys and values hold of them, one at least, and leave one to others',
  (kvCacheMb, places) => {
    const { perEngine, large } = generateHandler.capacity({ generateSlots: 8, embedBatch: 32, kvCacheMb });
    expect([perEngine, large]).toEqual([8, { above: 768, perEngine: places }]);
  },
);
