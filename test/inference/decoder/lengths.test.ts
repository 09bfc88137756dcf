// Long and short ones run side by side, in groups that split and merge while they run: they come to the answers that each has
// alone, and a step of short ones reads no padding of a long one.

import fc from 'fast-check';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecodeLoop } from '../../../workers/inference/decoder/decode-loop.ts';
import { type Context, Forward } from '../../../workers/inference/decoder/forward.ts';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import { BLOCK } from '../../../workers/inference/decoder/kv-cache.ts';
import type { SlotStep } from '../../../workers/inference/decoder/step-form.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { describeFormats, ROWS } from '../formats.ts';

const LONGEST = 2048;
const ROOMY = 1024 * BLOCK;

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

/** Keeps what it was asked since that was last looked at: slots, and their width. */
class Watched extends Forward {
  asked: { slots: number; width: number; context: Context }[] = [];

  override run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    this.asked.push({ slots: steps.length, width: context.capacity, context });
    return super.run(context, steps, rows, withLogits);
  }
}

interface Asked {
  readonly prompt: number;
  readonly limit: number;
  readonly temperature: number;
  /** Some begin in the same way. */
  readonly seed: number;
}

function generation(id: string, { prompt: length, limit, temperature, seed }: Asked) {
  const answer: number[] = [];
  const bytesOf = (token: number) => {
    answer.push(token);
    return new Uint8Array(0);
  };
  const input = { id, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature, seed };
  const prompt = Array.from({ length }, (_, i) => (i * (7 + seed) + seed) % 50);
  const plan = { input, prompt, limit, endTokens: [], bytesOf };
  return { generation: new Generation(plan), answer: () => answer.slice(-limit) };
}

describeFormats(
  (format) => {
    let session: InferenceSession;
    let shape: DecoderShape;

    beforeAll(async () => {
      const folder = await tiny.text(format, { metadata: { 'llama.context_length': LONGEST } });
      session = await openSession(folder);
      shape = folder.description.shape as DecoderShape;
    });
    afterAll(() => session.release());

    function start(options: { cacheTokens?: number; prefixTokens?: number; guesses?: number; slots?: number }) {
      const [decode, prefill] = [new Watched(session, shape), new Watched(session, shape)];
      const all = { slots: 8, cacheTokens: ROOMY, prefixTokens: 0, guesses: 3, ...options };
      return { decode, loop: new DecodeLoop({ shape, decode, prefill, ...all }) };
    }

    const short: Asked = { prompt: 100, limit: 200, temperature: 1, seed: 1 };

    test('a long one among short ones runs in a group of its own, and with few of them in theirs', async () => {
      const { decode, loop } = start({ guesses: 0 });
      const turn = async () => {
        decode.asked = [];
        await loop.turn();
        return decode.asked.map(({ slots, width }) => [slots, width]);
      };
      const long = generation('long', { ...short, prompt: 600, limit: 400 });
      loop.add(long.generation);
      for (let i = 0; i < 10; i++) await turn();
      expect(await turn()).toEqual([[1, 640]]);
      const first = generation('first', short);
      loop.add(first.generation);
      for (let i = 0; i < 2; i++) await turn();
      expect(await turn()).toEqual([[2, 640]]);
      const others = Array.from({ length: 6 }, (_, i) => generation(`${i}`, short).generation);
      for (const each of others) loop.add(each);
      for (let i = 0; i < 12; i++) await turn();
      const groups = await turn();
      expect(groups).toHaveLength(2);
      expect(groups).toContainEqual([7, 128]);
      // What a step reads beside keys and values is made once.
      const before = decode.asked;
      await turn();
      for (const [i, { context }] of decode.asked.entries()) expect(context.forms).toBe(before[i]!.context.forms);
      for (const each of others) each.cancelled = true;
      await turn();
      expect(await turn()).toEqual([[2, 640]]);
      loop.close(new Error('closed'));
      for (const { generation } of [long, first]) await expect(generation.ended.promise).rejects.toThrow('closed');
    });

    test('short ones run beside a long one where one group of all would have no room', async () => {
      const { decode, loop } = start({ cacheTokens: 32 * BLOCK });
      const all = [generation('long', { ...short, prompt: 1500, limit: 80 })];
      for (let i = 0; i < 2; i++) all.push(generation(`${i}`, { ...short, limit: 60, prompt: 50 }));
      for (const { generation } of all) loop.add(generation);
      let together = 0;
      while (loop.size > 0) {
        decode.asked = [];
        await loop.turn();
        together = Math.max(
          together,
          decode.asked.reduce((sum, { slots }) => sum + slots, 0),
        );
        expect(loop.cachedTokens).toBeLessThanOrEqual(32 * BLOCK);
      }
      expect(together).toBe(3);
      await Promise.all(all.map(({ generation }) => generation.ended.promise));
    });

    test('where memory is lost while groups make room for a prompt, all that ran fail with it, and the next runs', async () => {
      const { decode, loop } = start({ cacheTokens: 28 * BLOCK, guesses: 0 });
      const lost = [600, 100, 830].map((prompt, i) => generation(`${i}`, { ...short, prompt }).generation);
      for (const each of lost.slice(0, 2)) loop.add(each);
      for (let i = 0; i < 14; i++) await loop.turn();
      expect(decode.asked.at(-1)).toMatchObject({ slots: 2, width: 640 });
      loop.add(lost[2]!);
      decode.run = async (...asked) => {
        decode.run = Watched.prototype.run;
        const result = await decode.run(...asked);
        const { data } = asked[0].feeds(2)[`past_value_${shape.layers - 1}`]!;
        ((data as Float32Array).buffer as ArrayBuffer).transfer(0);
        return result;
      };
      await loop.turn();
      expect(loop.size).toBe(0);
      for (const { ended } of lost) await expect(ended.promise).rejects.toThrow('detached');
      const next = generation('next', short).generation;
      loop.add(next);
      while (loop.size > 0) await loop.turn();
      expect(await next.ended.promise).toMatchObject({ tokensOut: 200 });
    });

    test('answers are the same whatever the groups, with guesses and without, with what is kept of prompts and without', {
      timeout: 240_000,
    }, async () => {
      const prompt = fc.oneof(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 400, max: 1500 }));
      const asked = fc.record({
        prompt,
        limit: fc.integer({ min: 1, max: 120 }),
        temperature: fc.constantFrom(0, 0, 1),
        seed: fc.nat(2),
        after: fc.nat(25),
      });
      const seen = { split: 0, merged: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.array(asked, { minLength: 4, maxLength: 12, size: 'max' }),
          fc.constantFrom(32 * BLOCK, 45 * BLOCK, ROOMY, ROOMY),
          fc.constantFrom(0, 3),
          fc.constantFrom(0, ROOMY),
          async (cases, cacheTokens, guesses, prefixTokens) => {
            const quiet = start({ guesses: 0, slots: 1 }).loop;
            const alone = cases.map((each, i) => generation(`${i}`, each));
            for (const { generation } of alone) quiet.add(generation);
            while (quiet.size > 0) await quiet.turn();
            const { decode, loop } = start({ cacheTokens, guesses, prefixTokens });
            const all = cases.map((each, i) => generation(`${i}`, each));
            let before = 0;
            const turn = async () => {
              decode.asked = [];
              await loop.turn();
              expect(loop.takenTokens).toBeLessThanOrEqual(cacheTokens);
              expect(loop.cachedTokens).toBeLessThanOrEqual(cacheTokens);
              const runs = new Set(decode.asked.map(({ context }) => context.forms)).size;
              if (before > 0 && runs > before) seen.split++;
              if (runs > 0 && runs < before) seen.merged++;
              before = runs;
            };
            for (const [i, { generation }] of all.entries()) {
              loop.add(generation);
              for (let turns = 0; turns < cases[i]!.after && loop.size > 0; turns++) await turn();
            }
            while (loop.size > 0) await turn();
            for (const [i, { generation, answer }] of all.entries()) {
              const [output, expected] = await Promise.all(
                [generation, alone[i]!.generation].map((g) => g.ended.promise),
              );
              expect(output).toEqual(expected);
              expect(answer()).toEqual(alone[i]!.answer());
            }
            loop.close(new Error('closed'));
            expect(loop.takenTokens).toBe(0);
          },
        ),
        { numRuns: 12, endOnFailure: true },
      );
      expect(Math.min(seen.split, seen.merged)).toBeGreaterThan(0);
    });
  },
  [ROWS, 'nb8'],
);
