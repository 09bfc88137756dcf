// How the loop cuts prompts and forms batches: a prompt is always read alone and in the same chunks, whatever else runs.

import fc from 'fast-check';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecodeLoop } from '../../../workers/inference/decoder/decode-loop.ts';
import { Forward, type SlotStep } from '../../../workers/inference/decoder/forward.ts';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import { BLOCK, type KvCache } from '../../../workers/inference/decoder/kv-cache.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
let session: InferenceSession;
let shape: DecoderShape;

beforeAll(async () => {
  const folder = await tiny.text('nb8');
  session = await openSession(folder);
  shape = folder.description.shape as DecoderShape;
});
afterAll(async () => {
  await session.release();
  await tiny.remove();
});

/** Runs as it should, and keeps what it was asked. */
class Watched extends Forward {
  readonly asked: (readonly SlotStep[])[] = [];
  readonly caches = new Set<KvCache>();

  override run(cache: KvCache, steps: readonly SlotStep[], withLogits: boolean) {
    this.asked.push(steps);
    this.caches.add(cache);
    return super.run(cache, steps, withLogits);
  }
}

function generation(id: string, promptTokens: number, limit: number): Generation {
  const input = { id, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature: 1, seed: promptTokens };
  const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7) % 50);
  return new Generation({ input, prompt, limit, endTokens: [], bytesOf: () => new Uint8Array(0) });
}

test('prompts come one at a time in chunks at multiples of a block, while steps of all others go on between', async () => {
  const [decode, prefill] = [new Watched(session, shape), new Watched(session, shape)];
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 3, cacheTokens: 4096 });
  const lengths = [5, 64, 65, 150, 1];
  const all = lengths.map((length, i) => generation(`${i}`, length, 12));
  for (const each of all) loop.add(each);
  while (loop.size > 0) await loop.turn();
  await Promise.all(all.map(({ ended }) => ended.promise));

  const chunks = prefill.asked.map((steps) => steps.map(({ tokens, length }) => [length, tokens.length]));
  const expected = lengths.flatMap((length) =>
    Array.from({ length: Math.ceil(length / BLOCK) }, (_, i) => [[i * BLOCK, Math.min(BLOCK, length - i * BLOCK)]]),
  );
  expect(chunks).toEqual(expected);
  expect(decode.asked.every((steps) => steps.every(({ tokens }) => tokens.length === 1))).toBe(true);
  expect(Math.max(...decode.asked.map((steps) => steps.length))).toBe(3);
});

test('a generation that is cancelled leaves before the next step', async () => {
  const [decode, prefill] = [new Watched(session, shape), new Watched(session, shape)];
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 2, cacheTokens: 4096 });
  const [kept, cancelled] = [generation('kept', 3, 30), generation('cancelled', 3, 30)];
  loop.add(cancelled);
  loop.add(kept);
  for (let turn = 0; turn < 5; turn++) await loop.turn();
  const before = cancelled.position;
  cancelled.cancelled = true;
  await loop.turn();
  expect(await cancelled.ended.promise).toMatchObject({ finish: 'cancelled', tokensOut: before - 3 });
  expect(decode.asked.at(-1)).toHaveLength(1);
  loop.close(new Error('closed'));
  await expect(kept.ended.promise).rejects.toThrow('closed');
});

test('when the cache is full the newest gives way, begins again, and nobody sees it', async () => {
  const run = async (cacheTokens: number) => {
    const [decode, prefill] = [new Watched(session, shape), new Watched(session, shape)];
    const loop = new DecodeLoop({ shape, decode, prefill, slots: 4, cacheTokens });
    const all = [40, 41].map((length) => generation(`${length}`, length, 100));
    for (const each of all) loop.add(each);
    while (loop.size > 0) await loop.turn();
    const last = all.map((each) => each.last);
    return { outputs: await Promise.all(all.map(({ ended }) => ended.promise)), last, prompts: prefill.asked.length };
  };
  const roomy = await run(4096);
  const narrow = await run(4 * BLOCK);
  expect([roomy.prompts, narrow.prompts]).toEqual([2, 3]);
  expect(narrow.outputs).toEqual(roomy.outputs);
  expect(narrow.last).toEqual(roomy.last);
});

test('slots and the prompt that is read never take more room than there is, in order of arrival, with the same answers', async () => {
  const cases = fc.array(
    fc.record({ prompt: fc.integer({ min: 1, max: 200 }), limit: fc.integer({ min: 1, max: 110 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(cases, fc.integer({ min: 5, max: 8 }), async (asked, blocks) => {
      const run = async (cacheTokens: number) => {
        const [decode, prefill] = [new Watched(session, shape), new Watched(session, shape)];
        const loop = new DecodeLoop({ shape, decode, prefill, slots: 4, cacheTokens });
        const all = asked.map(({ prompt, limit }, i) => generation(`${i}`, prompt, limit));
        for (const each of all) loop.add(each);
        const begun: Generation[] = [];
        while (loop.size > 0) {
          await loop.turn();
          for (const each of all) if (each.last >= 0 && !begun.includes(each)) begun.push(each);
          const taken = [...decode.caches, ...prefill.caches].reduce((sum, { tokens }) => sum + tokens, 0);
          expect(taken).toBeLessThanOrEqual(cacheTokens);
        }
        expect(begun).toEqual(all);
        return { outputs: await Promise.all(all.map(({ ended }) => ended.promise)), last: all.map(({ last }) => last) };
      };
      expect(await run(blocks * BLOCK)).toEqual(await run(1024 * BLOCK));
    }),
    { numRuns: 40 },
  );
});

test('a step that fails fails those that ran, and the loop goes on with the next', async () => {
  const prefill = new Watched(session, shape);
  const decode = new Watched(session, shape);
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 2, cacheTokens: 4096 });
  const broken = generation('broken', 3, 5);
  loop.add(broken);
  await loop.turn();
  decode.run = () => Promise.reject(new Error('out of memory'));
  await loop.turn();
  await expect(broken.ended.promise).rejects.toThrow('out of memory');
  decode.run = Forward.prototype.run;
  const next = generation('next', 3, 5);
  loop.add(next);
  while (loop.size > 0) await loop.turn();
  expect(await next.ended.promise).toMatchObject({ tokensOut: 5 });
});
