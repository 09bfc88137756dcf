// How the loop cuts prompts and forms batches: a prompt is always read alone and in the same chunks, whatever else runs.

import fc from 'fast-check';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecodeLoop } from '../../../workers/inference/decoder/decode-loop.ts';
import { type Context, Forward } from '../../../workers/inference/decoder/forward.ts';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import { BLOCK } from '../../../workers/inference/decoder/kv-cache.ts';
import { RECENT } from '../../../workers/inference/decoder/recent-tokens.ts';
import type { SlotStep } from '../../../workers/inference/decoder/step-form.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { countOn } from './support/count-on.ts';

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
  context: Context | undefined;

  override run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    this.asked.push(steps);
    this.context = context;
    return super.run(context, steps, rows, withLogits);
  }
}

/** Says what `repeating` goes on with, so that every guess over it is right and a step gives four tokens. */
class Foreseen extends Watched {
  override async run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    return countOn(steps, await super.run(context, steps, rows, withLogits));
  }
}

const watched = () => [new Watched(session, shape), new Watched(session, shape)] as const;

function generation(id: string, promptTokens: number, limit: number, temperature = 1): Generation {
  const input = { id, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature, seed: promptTokens };
  const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7) % 50);
  return new Generation({ input, prompt, limit, endTokens: [], bytesOf: () => new Uint8Array(0) });
}

/** Takes the best token each time, and keeps what it took. */
function greedy(id: string, prompt: readonly number[], limit: number) {
  const answer: number[] = [];
  const bytesOf = (token: number) => {
    answer.push(token);
    return new Uint8Array(0);
  };
  const input = { id, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature: 0, seed: 0 };
  return { answer, generation: new Generation({ input, prompt, limit, endTokens: [], bytesOf }) };
}

const repeating = (length: number) => Array.from({ length }, (_, i) => (i * 7) % 50);

test('prompts come one at a time in chunks at multiples of a block, while steps of all others go on between', async () => {
  const [decode, prefill] = watched();
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 3, cacheTokens: 4096, prefixTokens: 0, guesses: 3 });
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

test('guessed tokens make steps fewer and change no answer, however many there may be and whoever runs beside', async () => {
  const asked = fc.array(
    fc.record({
      prompt: fc.array(fc.nat(49), { minLength: 1, maxLength: 90 }),
      limit: fc.integer({ min: 1, max: 80 }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  let [alone, guessing] = [0, 0];
  await fc.assert(
    fc.asyncProperty(asked, fc.integer({ min: 1, max: 3 }), async (cases, guesses) => {
      const run = async (guesses: number) => {
        const [decode, prefill] = watched();
        const loop = new DecodeLoop({ shape, decode, prefill, slots: 4, cacheTokens: 4096, prefixTokens: 0, guesses });
        const all = cases.map(({ prompt, limit }, i) => greedy(`${i}`, prompt, limit));
        for (const { generation } of all) loop.add(generation);
        while (loop.size > 0) await loop.turn();
        await Promise.all(all.map(({ generation }) => generation.ended.promise));
        for (const { tokens, recent } of decode.asked.flat())
          expect(recent + tokens.length).toBeLessThanOrEqual(RECENT);
        return { answers: all.map(({ answer }) => answer), steps: decode.asked.length };
      };
      const [plain, tried] = [await run(0), await run(guesses)];
      expect(tried.answers).toEqual(plain.answers);
      expect(plain.answers.map((answer) => answer.length)).toEqual(cases.map(({ limit }) => limit));
      alone += plain.steps;
      guessing += tried.steps;
    }),
    { numRuns: 40 },
  );
  // A tiny model soon repeats itself.
  expect(guessing).toBeLessThan(alone);
});

test('a generation that is cancelled leaves before the next step, and the line before it is begun', async () => {
  const [decode, prefill] = watched();
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 2, cacheTokens: 4096, prefixTokens: 0, guesses: 3 });
  const [cancelled, kept, waits] = [3, 3, 150].map((length, i) => generation(`${i}`, length, 30)) as [
    Generation,
    Generation,
    Generation,
  ];
  for (const each of [cancelled, kept, waits]) loop.add(each);
  for (let turn = 0; turn < 5; turn++) await loop.turn();
  const before = cancelled.position;
  for (const each of [cancelled, waits]) each.cancelled = true;
  await loop.turn();
  expect(loop.size).toBe(1);
  expect(await waits.ended.promise).toMatchObject({ finish: 'cancelled', tokensOut: 0 });
  expect(await cancelled.ended.promise).toMatchObject({ finish: 'cancelled', tokensOut: before - 3 });
  expect(decode.asked.at(-1)).toHaveLength(1);
  loop.close(new Error('closed'));
  await expect(kept.ended.promise).rejects.toThrow('closed');
});

test('when the cache is full the newest gives way, begins again, and nobody sees it', async () => {
  const run = async (cacheTokens: number) => {
    const [decode, prefill] = watched();
    const loop = new DecodeLoop({ shape, decode, prefill, slots: 4, cacheTokens, prefixTokens: 0, guesses: 3 });
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

test('one that gave way is not overtaken by those that came after it', async () => {
  const [decode, prefill] = watched();
  const cacheTokens = 4 * BLOCK;
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 2, cacheTokens, prefixTokens: 0, guesses: 0 });
  const all = [generation('first', 40, 100), generation('second', 41, 100), generation('late', 5, 2)];
  for (const each of all) loop.add(each);
  while (loop.size > 0) await loop.turn();
  await Promise.all(all.map(({ ended }) => ended.promise));
  expect(prefill.asked.map(([step]) => step!.tokens.length)).toEqual([40, 41, 41, 5]);
});

test('slots and the prompt that is read never take more room than there is, only shorter prompts pass, and answers are the same', async () => {
  const cases = fc.array(
    fc.record({ prompt: fc.integer({ min: 1, max: 200 }), limit: fc.integer({ min: 1, max: 110 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.integer({ min: 5, max: 8 }),
      fc.constantFrom(0, 1),
      async (asked, blocks, temperature) => {
        const run = async (cacheTokens: number) => {
          const [decode, prefill] = watched();
          const loop = new DecodeLoop({ shape, decode, prefill, slots: 4, cacheTokens, prefixTokens: 0, guesses: 3 });
          const all = asked.map(({ prompt, limit }, i) => generation(`${i}`, prompt, limit, temperature));
          for (const each of all) loop.add(each);
          const begun: Generation[] = [];
          while (loop.size > 0) {
            await loop.turn();
            for (const each of all) if (each.last >= 0 && !begun.includes(each)) begun.push(each);
            expect(loop.cachedTokens).toBeLessThanOrEqual(cacheTokens);
          }
          for (const [place, each] of begun.entries()) {
            const passing = begun.slice(0, place).filter((other) => all.indexOf(other) > all.indexOf(each));
            for (const { plan } of passing) expect(plan.prompt.length).toBeLessThan(each.plan.prompt.length);
          }
          return {
            outputs: await Promise.all(all.map(({ ended }) => ended.promise)),
            last: all.map(({ last }) => last),
          };
        };
        expect(await run(blocks * BLOCK)).toEqual(await run(1024 * BLOCK));
      },
    ),
    { numRuns: 40 },
  );
});

test('one that runs and guesses well may take the room that a prompt was to have: the prompt gives way', async () => {
  const folder = await tiny.text('nb8', { metadata: { 'llama.context_length': 2048 } });
  const wide = await openSession(folder);
  const wideShape = folder.description.shape as DecoderShape;
  const run = async (cacheTokens: number, promptTokens: number) => {
    const [decode, prefill] = [new Foreseen(wide, wideShape), new Foreseen(wide, wideShape)];
    const loop = new DecodeLoop({
      shape: wideShape,
      decode,
      prefill,
      slots: 4,
      cacheTokens,
      prefixTokens: 0,
      guesses: 3,
    });
    const [first, second] = [greedy('first', repeating(promptTokens), 90), greedy('second', repeating(1088), 30)];
    for (const { generation } of [first, second]) loop.add(generation);
    while (loop.size > 0) await loop.turn();
    await Promise.all([first, second].map(({ generation }) => generation.ended.promise));
    return { answers: [first.answer.slice(-90), second.answer.slice(-30)], prompts: prefill.asked.length };
  };
  let gaveWay = 0;
  for (let promptTokens = 1072; promptTokens <= 1088; promptTokens += 4) {
    const [narrow, roomy] = [await run(36 * BLOCK, promptTokens), await run(1024 * BLOCK, promptTokens)];
    expect(narrow.answers).toEqual(roomy.answers);
    gaveWay += Number(narrow.prompts > roomy.prompts);
  }
  expect(gaveWay).toBeGreaterThan(0);
  await wide.release();
});

test('a step that fails fails those that ran, and the loop goes on with the next', async () => {
  const [decode, prefill] = watched();
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 2, cacheTokens: 4096, prefixTokens: 0, guesses: 3 });
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

test('one that cannot pick its next token fails alone, and those beside it come to the same answers', async () => {
  const [decode, prefill] = watched();
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 3, cacheTokens: 4096, prefixTokens: 0, guesses: 3 });
  const [mate, alone] = [greedy('mate', repeating(70), 30), greedy('mate', repeating(70), 30)];
  const bad = generation('bad', 20, 30);
  for (const each of [mate.generation, bad]) loop.add(each);
  while (bad.left > 25) await loop.turn();
  bad.answersTo = () => expect.fail('nothing may come');
  const failed = expect(bad.ended.promise).rejects.toThrow('nothing may come');
  while (loop.size > 0) await loop.turn();
  await failed;
  loop.add(alone.generation);
  while (loop.size > 0) await loop.turn();
  expect(mate.answer).toEqual(alone.answer);
});

test('where memory is lost while one joins, all that ran fail with it, and the next has a cache of its own', async () => {
  const [decode, prefill] = watched();
  const loop = new DecodeLoop({ shape, decode, prefill, slots: 4, cacheTokens: 4096, guesses: 0, prefixTokens: 0 });
  const lost = ['first', 'second', 'third'].map((id) => generation(id, 3, 30));
  const next = generation('next', 3, 5);
  for (const each of [...lost, next]) loop.add(each);
  await loop.turn();
  await loop.turn();
  prefill.run = async (...asked) => {
    prefill.run = Forward.prototype.run;
    const result = await prefill.run(...asked);
    // The last that the third is copied to: it comes half-way into the cache of the others.
    const { data } = decode.context!.feeds(2)[`past_value_${shape.layers - 1}`]!;
    ((data as Float32Array).buffer as ArrayBuffer).transfer(0);
    return result;
  };
  await loop.turn();
  expect(loop.size).toBe(1);
  for (const { ended } of lost) await expect(ended.promise).rejects.toThrow();
  while (loop.size > 0) await loop.turn();
  expect(await next.ended.promise).toMatchObject({ tokensOut: 5 });
});
