// Large requests have few places of an engine, and the others theirs beside them.

import { describe, expect, test } from 'vitest';
import { generateHandler } from '../../workers/handlers/generate.ts';
import type { LoadedModel } from '../../workers/inference/engine.ts';
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
  [16, 1, 136],
  [45, 1, 384],
  [90, 2, 768],
  [135, 3, 768],
  [9000, 7, 768],
])(
  'long generations have as many places as %i MiB for keys and values hold of them, one at least, and leave one to others',
  (kvCacheMb, places, above) => {
    expect(longOnes(kvCacheMb, 46_080)).toEqual([8, { above, perEngine: places }]);
  },
);

test.each([
  ['Qwen2.5-0.5B', 24_576, 3, 768],
  ['one of few heads', 12_288, 7, 768],
  ['one of 130 kB a token', 131_072, 1, 270],
])('in another text model, %s, it is what the memory holds of its tokens', (_, tokenBytes, places, above) => {
  expect(longOnes(90, tokenBytes)).toEqual([8, { above, perEngine: places }]);
});

test('a worker asks for what its loaded model has room for', async () => {
  const { dispatcher } = await dispatching({ kvCacheMb: 45, generateSlots: 8 });
  expect(demandFor(dispatcher, 'generate')).toMatchObject({ limit: 1, largest: 384, largeLimit: 1 });
});

function longOnes(kvCacheMb: number, tokenBytes: number) {
  const model = { tokenBytes } as LoadedModel;
  const { perEngine, large } = generateHandler.capacity({ generateSlots: 8, embedBatch: 32, kvCacheMb }, model);
  return [perEngine, large];
}
