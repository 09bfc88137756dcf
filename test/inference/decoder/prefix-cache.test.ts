// Prompts that begin as others did: what is taken from those changes no bit, never takes more room than there is, and is the
// first to go when somebody needs it.

import fc from 'fast-check';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DecodeLoop } from '../../../workers/inference/decoder/decode-loop.ts';
import { type Context, Forward } from '../../../workers/inference/decoder/forward.ts';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import { BLOCK, KvCache } from '../../../workers/inference/decoder/kv-cache.ts';
import { chunkKeys, PrefixCache, rowsOf } from '../../../workers/inference/decoder/prefix-cache.ts';
import type { SlotStep } from '../../../workers/inference/decoder/step-form.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { describeFormats } from '../formats.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const tokens = (length: number, seed: number) => Array.from({ length }, (_, i) => (i * (7 + seed) + seed) % 50);

/** Keeps the bits of what it gave. */
class Recorded extends Forward {
  readonly given: string[] = [];

  override async run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    const result = await super.run(context, steps, rows, withLogits);
    const logits = result.next.flat().map((next) => next.logits ?? new Float32Array(0));
    const parts = [...result.fresh, ...logits].map((part) =>
      Buffer.from(part.buffer, part.byteOffset, part.byteLength),
    );
    this.given.push(Buffer.concat(parts).toString('base64'));
    return result;
  }
}

function generation(id: string, prompt: readonly number[], limit: number, temperature: number) {
  const answer: number[] = [];
  const bytesOf = (token: number) => {
    answer.push(token);
    return new Uint8Array(0);
  };
  const input = { id, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature, seed: 3 };
  return { answer, limit, generation: new Generation({ input, prompt, limit, endTokens: [], bytesOf }) };
}

describeFormats((format) => {
  let session: InferenceSession;
  let shape: DecoderShape;

  beforeAll(async () => {
    const folder = await tiny.text(format);
    session = await openSession(folder);
    shape = folder.description.shape as DecoderShape;
  });
  afterAll(() => session.release());

  function start(cacheTokens: number, prefixTokens: number) {
    const [decode, prefill] = [new Recorded(session, shape), new Recorded(session, shape)];
    const loop = new DecodeLoop({ shape, decode, prefill, slots: 3, cacheTokens, prefixTokens, guesses: 3 });
    return { loop, prefill };
  }

  async function finish(loop: DecodeLoop): Promise<void> {
    while (loop.size > 0) await loop.turn();
  }

  test('a prompt that goes on where another did gets the bits of one that nobody knows, from a slot or after it', async () => {
    const [base, other] = [tokens(150, 0), [...tokens(128, 0), ...tokens(40, 3)]];
    const cold = start(4096, 0);
    cold.loop.add(generation('cold', other, 1, 1).generation);
    await finish(cold.loop);
    expect(cold.prefill.given).toHaveLength(3);

    for (const from of ['slot', 'pool']) {
      const warm = start(4096, 4096);
      warm.loop.add(generation('base', base, from === 'slot' ? 60 : 1, 1).generation);
      if (from === 'pool') await finish(warm.loop);
      else for (let turn = 0; turn < 6; turn++) await warm.loop.turn();
      const read = warm.prefill.given.length;
      warm.loop.add(generation('other', other, 1, 1).generation);
      await finish(warm.loop);
      expect(warm.prefill.given.slice(read)).toEqual(cold.prefill.given.slice(-1));
      expect(warm.loop.promptTokens).toEqual({ read: 150 + 40, reused: 128 });
    }
  });

  test('answers are the same with and without, in any company, with room for all or hardly any, and after giving way', {
    timeout: 120_000,
  }, async () => {
    const prompt = fc
      .record({ shared: fc.nat(200), family: fc.nat(1), own: fc.integer({ min: 1, max: 60 }), seed: fc.nat(5) })
      .map(({ shared, family, own, seed }) => [...tokens(shared, family), ...tokens(own, seed)]);
    const asked = fc.record({
      prompt,
      limit: fc.integer({ min: 1, max: 50 }),
      temperature: fc.constantFrom(0, 0, 1),
      after: fc.nat(12),
    });
    let reused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(asked, { minLength: 2, maxLength: 9 }),
        fc.integer({ min: 5, max: 16 }),
        fc.integer({ min: 1, max: 16 }),
        async (cases, blocks, prefixBlocks) => {
          const run = async (cacheTokens: number, prefixTokens: number) => {
            const { loop } = start(cacheTokens, prefixTokens);
            const all = cases.map(({ prompt, limit, temperature }, i) =>
              generation(`${i}`, prompt, limit, temperature),
            );
            for (const [i, { generation }] of all.entries()) {
              loop.add(generation);
              for (let turn = 0; turn < cases[i]!.after && loop.size > 0; turn++) await loop.turn();
            }
            while (loop.size > 0) {
              await loop.turn();
              expect(loop.takenTokens).toBeLessThanOrEqual(cacheTokens);
            }
            const outputs = await Promise.all(all.map(({ generation }) => generation.ended.promise));
            const { reused } = loop.promptTokens;
            loop.close(new Error('closed'));
            expect(loop.takenTokens).toBe(0);
            return { reused, outputs, answers: all.map(({ answer, limit }) => answer.slice(-limit)) };
          };
          const plain = await run(1024 * BLOCK, 0);
          const shared = await run(blocks * BLOCK, prefixBlocks * BLOCK);
          expect(plain.reused).toBe(0);
          reused += shared.reused;
          expect({ ...shared, reused: 0 }).toEqual(plain);
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
    expect(reused).toBeGreaterThan(1000);
  });

  test('one that is cancelled between two chunks ends there, and what it read is not read again', async () => {
    const { loop, prefill } = start(4096, 4096);
    const long = tokens(300, 1);
    const cancelled = generation('cancelled', long, 9, 0).generation;
    loop.add(cancelled);
    await loop.turn();
    await loop.turn();
    cancelled.cancelled = true;
    await loop.turn();
    expect(await cancelled.ended.promise).toMatchObject({ finish: 'cancelled', tokensOut: 0 });
    expect(prefill.given).toHaveLength(2);
    expect(loop.size).toBe(0);
    loop.add(generation('again', long, 1, 0).generation);
    await finish(loop);
    expect(loop.promptTokens).toEqual({ read: 128 + 172, reused: 128 });
  });
});

describe('what is kept', () => {
  const shape = { layers: 2, heads: 2, kvHeads: 1, headSize: 4 } as DecoderShape;
  const nowhere = () => undefined;
  const nothing = () => undefined;

  /** A prompt's cache whose rows tell its tokens. */
  function read(prompt: readonly number[]): KvCache {
    const cache = new KvCache(shape, 1, prompt.length);
    for (let layer = 0; layer < 2; layer++) {
      for (let head = 0; head < 2; head++) {
        const rows = cache.rows(0, layer, head, 0, prompt.length);
        rows.set(prompt.flatMap((token) => [token, layer, head, 1]));
      }
    }
    return cache;
  }

  function known(cache: PrefixCache, prompt: readonly number[]): number {
    return cache.read(chunkKeys(prompt), new KvCache(shape, 1, prompt.length), nowhere, nothing) / BLOCK;
  }

  const [a, b] = [tokens(4 * BLOCK, 1), tokens(4 * BLOCK, 2)];

  test('comes back as it was', () => {
    const cache = new PrefixCache(shape, 1024);
    const source = read(a);
    cache.keep(chunkKeys(a), source, 0, 1024);
    const target = new KvCache(shape, 1, a.length);
    expect(cache.read(chunkKeys(a), target, nowhere, nothing)).toBe(4 * BLOCK);
    for (let chunk = 0; chunk < 4; chunk++) {
      for (const [layer, head] of [
        [0, 0],
        [1, 1],
      ] as const)
        expect(rowsOf(target, 0, chunk)(layer, head)).toEqual(rowsOf(source, 0, chunk)(layer, head));
    }
  });

  test('goes from the end of the prompt that nobody asked for since longest', () => {
    const cache = new PrefixCache(shape, 1024);
    cache.keep(chunkKeys(a), read(a), 0, 1024);
    cache.keep(chunkKeys(b), read(b), 0, 1024);
    expect(known(cache, a)).toBe(4);
    cache.shrink(6 * BLOCK);
    expect([known(cache, a), known(cache, b)]).toEqual([4, 2]);
    cache.shrink(3 * BLOCK);
    expect([known(cache, a), known(cache, b)]).toEqual([1, 2]);
  });

  test('is the beginning of a prompt that has no room as a whole', () => {
    const cache = new PrefixCache(shape, 1024);
    cache.keep(chunkKeys(a), read(a), 0, 3 * BLOCK + 1);
    expect([known(cache, a), cache.tokens]).toEqual([3, 3 * BLOCK]);
    cache.keep(chunkKeys(b), read(b), 0, 2 * BLOCK);
    expect([known(cache, a), known(cache, b), cache.tokens]).toEqual([0, 2, 2 * BLOCK]);
  });

  test('is copied from its end on, so that each chunk may be dropped for the room of its copy', () => {
    const cache = new PrefixCache(shape, 1024);
    cache.keep(chunkKeys(a), read(a), 0, 1024);
    const target = new KvCache(shape, 1, a.length);
    cache.read(chunkKeys(a), target, nowhere, (copied) => cache.shrink(4 * BLOCK - copied));
    expect(cache.tokens).toBe(0);
    expect(target.rows(0, 1, 1, 0, a.length)).toEqual(read(a).rows(0, 1, 1, 0, a.length));
  });

  test('is nothing where less than a chunk may be kept', () => {
    const cache = new PrefixCache(shape, BLOCK - 1);
    cache.keep(chunkKeys(a), read(a), 0, 1024);
    expect([cache.tokens, known(cache, a)]).toEqual([0, 0]);
  });
});

test('the name of a chunk tells all tokens up to its end, and there is one for each whole chunk', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(49_151), { maxLength: 300, size: 'max' }), fc.nat(), (prompt, place) => {
      const keys = chunkKeys(prompt);
      expect(keys).toHaveLength(Math.floor(prompt.length / BLOCK));
      expect(chunkKeys([...prompt, 1])).toEqual(expect.arrayContaining(keys));
      if (prompt.length === 0) return;
      const at = place % prompt.length;
      const other = chunkKeys(prompt.with(at, prompt[at]! + 1));
      for (const [i, key] of keys.entries()) expect(other[i] === key).toBe((i + 1) * BLOCK <= at);
    }),
  );
});
