// What every engine does with prompts: the same answers whatever runs beside them, to their ends or until they are cancelled.

import { describe, expect, test } from 'vitest';
import { BLOCK } from '../../../../workers/inference/decoder/kv-cache.ts';
import type { DecoderShape } from '../../../../workers/inference/model-folder.ts';
import { failure, type Given } from './given.ts';

export function generationConformance(given: Given): void {
  describe('generating', () => {
    test('gives the same answer again, and its pieces make it up', async () => {
      const pieces: string[] = [];
      const first = await given.engine.generate(given.request(), (piece) => pieces.push(piece));
      expect(first).toMatchObject({ finish: 'length', tokensOut: 40 });
      expect(pieces.join('')).toBe(first.text);
      expect(pieces.length).toBeGreaterThan(5);
      expect(await given.engine.generate(given.request())).toEqual(first);
    });

    test('tells once that it begins, before anything is said and not before there is a slot', async () => {
      const told: string[] = [];
      const run = (id: string) =>
        given.engine.generate(
          given.request({ id, maxTokens: 12 }),
          () => told.push(`${id} says`),
          () => told.push(`${id} begins`),
        );
      const many = Array.from({ length: 12 }, (_, i) => `many${i}`);
      const ends = await Promise.all(many.map(async (id) => run(id).then(() => told.push(`${id} ends`))));
      expect(ends).toHaveLength(12);
      for (const id of many) {
        expect(told.filter((what) => what === `${id} begins`)).toHaveLength(1);
        expect(told.indexOf(`${id} begins`)).toBeLessThan(told.indexOf(`${id} says`));
      }
      expect(told.indexOf('many11 begins')).toBeGreaterThan(told.findIndex((what) => what.endsWith('ends')));
    });

    test('a prompt shows in the turns taken, chunk by chunk, while nothing is said yet', async () => {
      const before = (await given.engine.describe()).turnsTaken;
      const { tokensIn } = await given.engine.generate(given.request({ prompt: 'a '.repeat(200), maxTokens: 1 }));
      const chunks = Math.ceil(tokensIn / BLOCK);
      expect(chunks).toBeGreaterThan(2);
      // The turn that ends the answer may not have ended itself.
      expect((await given.engine.describe()).turnsTaken - before).toBeGreaterThanOrEqual(chunks - 1);
    });

    test('a text is divided into parts that are the text, in the same way by an engine of any memory', async () => {
      const { name } = given.models.text.description;
      const text = 'Some words of one sentence. And of one more!\n\n'.repeat(60);
      const { parts } = await given.engine.divide({ model: name, text, most: 90 });
      expect(parts.length).toBeGreaterThan(2);
      expect(parts.join('')).toBe(text);
      for (const prompt of parts) {
        expect(prompt).toMatch(/\n$/);
        const { tokensIn } = await given.engine.generate(given.request({ prompt, maxTokens: 1 }));
        // With what the model's template puts round it.
        expect(tokensIn).toBeLessThan(90 + 60);
      }
      const small = given.start({ cacheBytes: 1 });
      await small.load(given.models.text);
      expect(await small.divide({ model: name, text, most: 90 })).toEqual({ parts });
      await small.close();
      const { maxTokens } = given.models.text.description.shape as DecoderShape;
      const most = { model: name, text: text.repeat(40), most: 1_000_000 };
      expect((await given.engine.divide(most)).parts.length).toBeGreaterThan(1);
      expect(maxTokens).toBeLessThan(1_000_000);
      expect(await given.engine.divide({ model: name, text: '', most: 9 })).toEqual({ parts: [] });
      expect((await failure(given.engine.divide({ model: name, text: 'a\0', most: 9 }))).name).toBe('InvalidInput');
    });

    test('a prompt that begins as another did is read from where they part, and answered the same', async () => {
      const shared = 'a '.repeat(150);
      const inputs = ['x', 'y', 'x'].map((end) => given.request({ prompt: `${shared}${end}`, maxTokens: 5 }));
      const outputs = [];
      const reused = [];
      for (const input of inputs) {
        const before = await given.engine.describe();
        const output = await given.engine.generate(input);
        const after = await given.engine.describe();
        outputs.push(output);
        reused.push(after.promptTokensReused - before.promptTokensReused);
        const { promptTokensRead: read } = before;
        expect(after.promptTokensRead - read + reused.at(-1)!).toBe(output.tokensIn);
      }
      expect(outputs[2]).toEqual(outputs[0]);
      const whole = Math.floor(outputs[0]!.tokensIn / BLOCK) * BLOCK;
      expect(reused[2]).toBeGreaterThanOrEqual(whole - BLOCK);
      expect(reused[1]).toBeGreaterThanOrEqual(BLOCK);

      const without = given.start({ prefixBytes: 0 });
      try {
        await without.load(given.models.text);
        for (const [i, input] of inputs.entries()) expect(await without.generate(input)).toEqual(outputs[i]);
        expect((await without.describe()).promptTokensReused).toBe(0);
      } finally {
        await without.close();
      }
    });

    test('a shorter answer is the beginning of a longer one', async () => {
      const long = await given.engine.generate(given.request({ maxTokens: 40 }));
      const short = await given.engine.generate(given.request({ maxTokens: 7 }));
      expect(short).toMatchObject({ tokensOut: 7, finish: 'length' });
      expect(long.text.startsWith(short.text)).toBe(true);
    });

    test('more than there are slots for come to their ends, each as if alone', async () => {
      const requests = Array.from({ length: 6 }, (_, i) =>
        given.request({
          prompt: `${given.models.prompt} ${i}`,
          maxTokens: 5 + 4 * i,
          temperature: (i % 2) * 0.8,
          seed: i,
        }),
      );
      const together = await Promise.all(requests.map((input) => given.engine.generate(input)));
      for (const [i, input] of requests.entries()) {
        expect(await given.engine.generate({ ...input, id: `alone${i}` })).toEqual(together[i]);
      }
    });

    test('sampling follows the seed', async () => {
      const sampled = (seed: number) => given.engine.generate(given.request({ temperature: 1, seed }));
      const [one, again, other] = await Promise.all([sampled(3), sampled(3), sampled(4)]);
      expect(again.text).toBe(one.text);
      expect(other.text).not.toBe(one.text);
    });

    test('top-k, top-p and the fewest tokens change who is drawn, the same whatever runs beside', async () => {
      const changes = [
        ...[{ topK: 1, seed: 9 }, { topK: 5 }, { topP: 0.4 }, { topK: 20, topP: 0.9 }, { minTokens: 30 }],
        { temperature: 0, minTokens: 20 },
      ].map((change) => given.request({ temperature: 1, maxTokens: 30, ...change }));
      const together = await Promise.all(changes.map((input) => given.engine.generate(input)));
      for (const [i, input] of changes.entries()) {
        expect(await given.engine.generate({ ...input, id: `alone${i}` })).toEqual(together[i]);
      }
      const greedy = await given.engine.generate(given.request({ temperature: 0, maxTokens: 30 }));
      expect(together[0]!.text).toBe(greedy.text);
      expect(together[4]!.tokensOut).toBe(30);
    });

    test('an answer ends before a stop text, wherever that lies', async () => {
      const { text } = await given.engine.generate(given.request());
      for (const [from, length] of [
        [4, 1],
        [Math.floor(text.length / 2), 6],
        [text.length - 3, 3],
      ] as const) {
        const stop = text.slice(from, from + length);
        const pieces: string[] = [];
        const output = await given.engine.generate(given.request({ stop: ['\u0001 never', stop] }), (piece) =>
          pieces.push(piece),
        );
        expect(output.finish).toBe('stop');
        expect(output.text).toBe(text.slice(0, text.indexOf(stop)));
        expect(pieces.join('')).toBe(output.text);
      }
    });

    test('ends where the cache can hold no more, and tells of that room before', async () => {
      const { layers, kvHeads, headSize } = given.models.text.description.shape as DecoderShape;
      const room = 64;
      const small = given.start({ slots: 3, cacheBytes: 2 * layers * kvHeads * headSize * 4 * room });
      try {
        expect((await small.load(given.models.text)).maxTokens).toBe(room);
        const output = await small.generate(given.request({ maxTokens: 4096 }));
        expect(output).toMatchObject({ finish: 'length', tokensOut: room - output.tokensIn });
        const long = small.generate(given.request({ prompt: 'a '.repeat(room) }));
        const error = await failure(long);
        expect(error.name).toBe('EngineTooSmall');
        const { maxTokens } = given.models.text.description.shape;
        expect(error.message).toMatch(
          new RegExp(`^expected 1 to 63 prompt tokens .* holds 64 tokens, the model takes ${maxTokens}$`),
        );
        const never = await failure(small.generate(given.request({ prompt: 'a '.repeat(50_000) })));
        expect(never.name).toBe('InvalidInput');
        expect(never.message).toMatch(new RegExp(`^expected 1 to ${maxTokens - 1} prompt tokens`));
      } finally {
        await small.close();
      }
    });

    test('more than the cache has room for give way and come again, with the same answers', async () => {
      const { layers, kvHeads, headSize } = given.models.text.description.shape as DecoderShape;
      const small = given.start({ slots: 4, cacheBytes: 2 * layers * kvHeads * headSize * 4 * 3 * BLOCK });
      try {
        await small.load(given.models.text);
        const { tokensIn } = await given.engine.generate(given.request({ maxTokens: 1 }));
        expect(tokensIn + 3).toBeLessThan(BLOCK);
        // Three begin with a block each, and all there are come to need a second one.
        const beyond = BLOCK + 16 - tokensIn;
        const requests = Array.from({ length: 4 }, (_, i) =>
          given.request({ prompt: `${given.models.prompt} ${'a '.repeat(i)}`, maxTokens: beyond + i }),
        );
        const shown = requests.map(() => '');
        const outputs = await Promise.all(
          requests.map((input, i) =>
            small.generate(input, (piece) => {
              shown[i] += piece;
            }),
          ),
        );
        for (const [i, input] of requests.entries()) {
          expect(outputs[i]).toEqual(await given.engine.generate(input));
          expect(shown[i]).toBe(outputs[i]!.text);
        }
      } finally {
        await small.close();
      }
    });

    test('a prompt that is too long is refused with its length and the longest', async () => {
      const error = await failure(given.engine.generate(given.request({ prompt: 'a '.repeat(50_000) })));
      expect(error.name).toBe('InvalidInput');
      expect(error.message).toMatch(
        /^expected 1 to \d+ prompt tokens for \S+, a prompt of (at least )?\d+ tokens came$/,
      );
      expect(error.hint).toMatch(/shorten the prompt/);
    });

    test.each([
      ['maxTokens 0', { maxTokens: 0 }, 'expected maxTokens from 1 to 4096, 0 came'],
      ['maxTokens 4097', { maxTokens: 4097 }, 'expected maxTokens from 1 to 4096, 4097 came'],
      ['half a token', { maxTokens: 1.5 }, 'expected maxTokens from 1 to 4096, 1.5 came'],
      ['a cold temperature', { temperature: -1 }, 'expected a temperature of 0 or more, -1 came'],
      ['no temperature', { temperature: Number.NaN }, 'expected a temperature of 0 or more, NaN came'],
      ['half a token to draw from', { topK: 0.5 }, 'expected a whole number of 0 or more as topK, 0.5 came'],
      ['no probability', { topP: 0 }, 'expected topP above 0 and at most 1, 0 came'],
      ['more than all probability', { topP: 1.1 }, 'expected topP above 0 and at most 1, 1.1 came'],
      ['more than the most', { minTokens: 9, maxTokens: 8 }, 'expected minTokens from 0 to maxTokens (8), 9 came'],
      ['half a seed', { seed: 0.5 }, 'expected a whole number as seed, 0.5 came'],
      ['a NUL in the prompt', { prompt: '\0' }, 'expected text without NUL as prompt, a NUL character at 0 came'],
      ['a broken stop text', { stop: ['\ud800'] }, 'expected Unicode as stop[0], half a surrogate pair at 0 came'],
    ])('refuses %s', async (_what, changes, message) => {
      const error = await failure(given.engine.generate(given.request(changes)));
      expect([error.name, error.message]).toEqual(['InvalidInput', message]);
    });

    test('refuses the id of one that runs', async () => {
      const running = given.engine.generate(given.request({ id: 'twin' }));
      expect((await failure(given.engine.generate(given.request({ id: 'twin' })))).name).toBe('InvalidInput');
      await running;
      await expect(given.engine.generate(given.request({ id: 'twin', maxTokens: 1 }))).resolves.toBeTruthy();
    });
  });

  describe('cancelling', () => {
    test('ends the generation long before its end, with the text so far, and leaves the others alone', async () => {
      const input = given.request({ maxTokens: 200, id: 'cancelled' });
      const other = given.engine.generate(given.request());
      const pieces: string[] = [];
      const output = await given.engine.generate(input, (piece) => {
        if (pieces.push(piece) === 3) given.engine.cancel('cancelled');
      });
      expect(output.finish).toBe('cancelled');
      expect(output.text).toBe(pieces.join(''));
      expect(output.tokensOut).toBeLessThan(40);
      expect((await other).finish).toBe('length');
    });

    test('ends those that wait for a slot, and ignores ids that do not run', async () => {
      const requests = Array.from({ length: 6 }, () => given.request({ maxTokens: 30 }));
      const outputs = requests.map((input) => given.engine.generate(input));
      given.engine.cancel('nobody');
      given.engine.cancel(requests[5]!.id);
      expect(await outputs[5]).toEqual({ text: '', tokensIn: expect.any(Number), tokensOut: 0, finish: 'cancelled' });
      for (const output of await Promise.all(outputs.slice(0, 5))) expect(output.finish).toBe('length');
    });
  });
}
