// What every implementation of the engine contract does, whatever the models: told as tests, run by engine.test.ts for each
// implementation with tiny models, and by real-models.e2e.test.ts with the real ones.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SteadyTextError } from '../../../workers/errors.ts';
import { cosine, dot } from '../../../workers/inference/encoder/pooling.ts';
import type { Engine, GenerateInput } from '../../../workers/inference/engine.ts';
import type { EngineOptions } from '../../../workers/inference/local-engine.ts';
import type { DecoderShape, ModelFolder } from '../../../workers/inference/model-folder.ts';

export interface ConformanceModels {
  readonly text: ModelFolder;
  readonly embedding: ModelFolder;
  /** Makes an answer of sixty tokens or more. */
  readonly prompt: string;
  /** More tokens than the embedding model takes. */
  readonly longText: string;
}

export function engineConformance(
  name: string,
  start: (options: EngineOptions) => Engine,
  openModels: () => Promise<ConformanceModels>,
): void {
  // Time for the real models on a machine that is busy with other tests.
  describe(name, { timeout: 180_000 }, () => {
    let engine: Engine;
    let models: ConformanceModels;
    let embedding: string;
    let asked = 0;

    beforeAll(async () => {
      models = await openModels();
      engine = start({ slots: 3 });
      await engine.load(models.text);
      await engine.load(models.embedding);
      embedding = models.embedding.description.name;
    }, 600_000);

    afterAll(() => engine.close());

    function request(changes: Partial<GenerateInput> = {}): GenerateInput {
      const model = models.text.description.name;
      const defaults = {
        id: `g${asked++}`,
        model,
        prompt: models.prompt,
        maxTokens: 40,
        stop: [],
        temperature: 0,
        seed: 1,
      };
      return { ...defaults, ...changes };
    }

    describe('models', () => {
      test('what is loaded twice is loaded once, and described', async () => {
        const { description } = models.text;
        const loaded = await engine.load(models.text);
        expect(loaded).toMatchObject({
          name: description.name,
          kind: 'text',
          digest: description.digest,
          dimension: null,
        });
        const { models: listed, pid, residentBytes, cpuClass, engineVersion } = await engine.describe();
        expect(listed.map((model) => model.kind)).toEqual(['text', 'embedding']);
        expect(listed[0]).toEqual(loaded);
        expect(pid).toBeGreaterThan(0);
        expect(residentBytes).toBeGreaterThan(1e6);
        expect([cpuClass, engineVersion].every((text) => text.length > 0)).toBe(true);
      });

      test('one that is not loaded is named, with those that are', async () => {
        const error = await failure(engine.embed({ model: 'nobody', texts: ['a'] }));
        expect(error.name).toBe('UnknownModel');
        expect(error.message).toMatch(/^expected a loaded model \(.*\), "nobody" came$/);
        expect(error.hint).toBeTruthy();
      });

      test('one of the wrong kind is refused', async () => {
        expect((await failure(engine.generate(request({ model: embedding })))).message).toMatch(/kind embedding$/);
        const text = models.text.description.name;
        expect((await failure(engine.embed({ model: text, texts: ['a'] }))).message).toMatch(/kind text$/);
      });

      test('one that was unloaded is unknown, until it is loaded again', async () => {
        await engine.unload(embedding);
        expect((await failure(engine.embed({ model: embedding, texts: ['a'] }))).name).toBe('UnknownModel');
        await engine.load(models.embedding);
        await expect(engine.embed({ model: embedding, texts: ['a'] })).resolves.toBeTruthy();
      });

      test('unloading lets what runs come to its end', async () => {
        const running = engine.embed({ model: embedding, texts: ['a b c'] });
        await Promise.all([running, engine.unload(embedding)]);
        await engine.load(models.embedding);
        expect((await running).vectors).toHaveLength(1);
      });
    });

    describe('embedding', () => {
      test('gives a unit vector a text, in input order, equal for equal texts', async () => {
        const output = await engine.embed({ model: embedding, texts: ['one', 'a longer text, two', 'one', ''] });
        expect(output.vectors).toHaveLength(4);
        for (const vector of output.vectors) {
          expect(vector).toBeInstanceOf(Float32Array);
          expect(dot(vector, vector)).toBeCloseTo(1, 5);
        }
        expect(output.vectors[2]).toEqual(output.vectors[0]);
        expect(output.vectors[1]).not.toEqual(output.vectors[0]);
        expect(output.tokens[1]).toBeGreaterThan(output.tokens[0]!);
        const alone = await engine.embed({ model: embedding, texts: ['a longer text, two'] });
        expect(alone.vectors[0]).toEqual(output.vectors[1]);
      });

      test('cuts a text that is too long, and says so', async () => {
        const { maxTokens } = models.embedding.description.shape;
        const output = await engine.embed({ model: embedding, texts: ['short', models.longText] });
        expect(output.truncated).toEqual([false, true]);
        expect(output.tokens[1]).toBe(maxTokens);
      });

      test('takes a text of a hundred thousand letters', async () => {
        const output = await engine.embed({ model: embedding, texts: ['word '.repeat(20_000), 'x'.repeat(100_000)] });
        expect(output.vectors).toHaveLength(2);
      });

      test.each([
        ['no text', [], 'expected at least one text in texts, an empty list came'],
        ['a NUL character', ['fine', 'a\0b'], 'expected text without NUL as texts[1], a NUL character at 1 came'],
        ['half a surrogate pair', ['\udc00'], 'expected Unicode as texts[0], half a surrogate pair at 0 came'],
        ['null', [null as unknown as string], 'expected a text as texts[0], a value of type null came'],
      ])('refuses %s', async (_what, texts, message) => {
        const error = await failure(engine.embed({ model: embedding, texts }));
        expect([error.name, error.message]).toEqual(['InvalidInput', message]);
      });
    });

    describe('reranking', () => {
      test('scores are (1 + cosine) / 2 of query and document, in input order', async () => {
        const documents = ['one document', 'another, longer document', 'the query'];
        const { scores, tokens, truncated } = await engine.rerank({ model: embedding, query: 'the query', documents });
        const { vectors } = await engine.embed({ model: embedding, texts: ['the query', ...documents] });
        const expected = vectors.slice(1).map((vector) => (1 + cosine(vectors[0]!, vector)) / 2);
        for (const [i, score] of scores.entries()) {
          expect(score).toBeCloseTo(expected[i]!, 10);
          expect(score >= 0 && score <= 1).toBe(true);
        }
        expect(scores[2]).toBeCloseTo(1, 5);
        expect(tokens).toBeGreaterThan(8);
        expect(truncated).toBe(false);
      });

      test('refuses no documents, and a query that is no text', async () => {
        const none = engine.rerank({ model: embedding, query: 'q', documents: [] });
        expect((await failure(none)).message).toBe('expected at least one text in documents, an empty list came');
        const broken = engine.rerank({ model: embedding, query: '\ud800', documents: ['d'] });
        expect((await failure(broken)).message).toMatch(/^expected Unicode as query/);
      });
    });

    describe('generating', () => {
      test('gives the same answer again, and its pieces make it up', async () => {
        const pieces: string[] = [];
        const first = await engine.generate(request(), (piece) => pieces.push(piece));
        expect(first).toMatchObject({ finish: 'length', tokensOut: 40 });
        expect(pieces.join('')).toBe(first.text);
        expect(pieces.length).toBeGreaterThan(5);
        expect(await engine.generate(request())).toEqual(first);
      });

      test('a shorter answer is the beginning of a longer one', async () => {
        const long = await engine.generate(request({ maxTokens: 40 }));
        const short = await engine.generate(request({ maxTokens: 7 }));
        expect(short).toMatchObject({ tokensOut: 7, finish: 'length' });
        expect(long.text.startsWith(short.text)).toBe(true);
      });

      test('more than there are slots for come to their ends, each as if alone', async () => {
        const requests = Array.from({ length: 6 }, (_, i) =>
          request({ prompt: `${models.prompt} ${i}`, maxTokens: 5 + 4 * i, temperature: (i % 2) * 0.8, seed: i }),
        );
        const together = await Promise.all(requests.map((input) => engine.generate(input)));
        for (const [i, input] of requests.entries()) {
          expect(await engine.generate({ ...input, id: `alone${i}` })).toEqual(together[i]);
        }
      });

      test('sampling follows the seed', async () => {
        const sampled = (seed: number) => engine.generate(request({ temperature: 1, seed }));
        const [one, again, other] = await Promise.all([sampled(3), sampled(3), sampled(4)]);
        expect(again.text).toBe(one.text);
        expect(other.text).not.toBe(one.text);
      });

      test('an answer ends before a stop text, wherever that lies', async () => {
        const { text } = await engine.generate(request());
        for (const [from, length] of [
          [4, 1],
          [Math.floor(text.length / 2), 6],
          [text.length - 3, 3],
        ] as const) {
          const stop = text.slice(from, from + length);
          const pieces: string[] = [];
          const output = await engine.generate(request({ stop: ['\u0001 never', stop] }), (piece) =>
            pieces.push(piece),
          );
          expect(output.finish).toBe('stop');
          expect(output.text).toBe(text.slice(0, text.indexOf(stop)));
          expect(pieces.join('')).toBe(output.text);
        }
      });

      test('ends where the cache can hold no more, and tells of that room before', async () => {
        const { layers, kvHeads, headSize } = models.text.description.shape as DecoderShape;
        const room = 64;
        const small = start({ slots: 3, cacheBytes: 2 * layers * kvHeads * headSize * 4 * room });
        try {
          expect((await small.load(models.text)).maxTokens).toBe(room);
          const output = await small.generate(request({ maxTokens: 4096 }));
          expect(output).toMatchObject({ finish: 'length', tokensOut: room - output.tokensIn });
          const long = small.generate(request({ prompt: 'a '.repeat(room) }));
          expect((await failure(long)).message).toMatch(/^expected 1 to 63 prompt tokens/);
        } finally {
          await small.close();
        }
      });

      test('more than the cache has room for give way and come again, with the same answers', async () => {
        const { layers, kvHeads, headSize } = models.text.description.shape as DecoderShape;
        const small = start({ slots: 4, cacheBytes: 2 * layers * kvHeads * headSize * 4 * 192 });
        try {
          await small.load(models.text);
          const requests = Array.from({ length: 4 }, (_, i) =>
            request({ prompt: `${models.prompt} ${'a '.repeat(i)}`, maxTokens: 80 + i }),
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
            expect(outputs[i]).toEqual(await engine.generate(input));
            expect(shown[i]).toBe(outputs[i]!.text);
          }
        } finally {
          await small.close();
        }
      });

      test('a prompt that is too long is refused with its length and the longest', async () => {
        const error = await failure(engine.generate(request({ prompt: 'a '.repeat(50_000) })));
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
        ['half a seed', { seed: 0.5 }, 'expected a whole number as seed, 0.5 came'],
        ['a NUL in the prompt', { prompt: '\0' }, 'expected text without NUL as prompt, a NUL character at 0 came'],
        ['a broken stop text', { stop: ['\ud800'] }, 'expected Unicode as stop[0], half a surrogate pair at 0 came'],
      ])('refuses %s', async (_what, changes, message) => {
        const error = await failure(engine.generate(request(changes)));
        expect([error.name, error.message]).toEqual(['InvalidInput', message]);
      });

      test('refuses the id of one that runs', async () => {
        const running = engine.generate(request({ id: 'twin' }));
        expect((await failure(engine.generate(request({ id: 'twin' })))).name).toBe('InvalidInput');
        await running;
        await expect(engine.generate(request({ id: 'twin', maxTokens: 1 }))).resolves.toBeTruthy();
      });
    });

    describe('cancelling', () => {
      test('ends the generation long before its end, with the text so far, and leaves the others alone', async () => {
        const input = request({ maxTokens: 200, id: 'cancelled' });
        const other = engine.generate(request());
        const pieces: string[] = [];
        const output = await engine.generate(input, (piece) => {
          if (pieces.push(piece) === 3) engine.cancel('cancelled');
        });
        expect(output.finish).toBe('cancelled');
        expect(output.text).toBe(pieces.join(''));
        expect(output.tokensOut).toBeLessThan(40);
        expect((await other).finish).toBe('length');
      });

      test('ends those that wait for a slot, and ignores ids that do not run', async () => {
        const requests = Array.from({ length: 6 }, () => request({ maxTokens: 30 }));
        const outputs = requests.map((input) => engine.generate(input));
        engine.cancel('nobody');
        engine.cancel(requests[5]!.id);
        expect(await outputs[5]).toEqual({ text: '', tokensIn: expect.any(Number), tokensOut: 0, finish: 'cancelled' });
        for (const output of await Promise.all(outputs.slice(0, 5))) expect(output.finish).toBe('length');
      });
    });

    test('embeddings run between the steps of a generation', async () => {
      let ended = false;
      const generating = engine.generate(request({ maxTokens: 60 })).then(() => {
        ended = true;
      });
      const texts = Array.from({ length: 4 }, (_, i) => `text ${i}`);
      await engine.embed({ model: embedding, texts });
      expect(ended).toBe(false);
      await generating;
    });

    test('a closed engine rejects what runs, and everything after', async () => {
      const closing = start({});
      await closing.load(models.text);
      const running = closing.generate(request({ maxTokens: 4096 }));
      const rejected = failure(running);
      await closing.close();
      expect((await rejected).name).toBe('EngineDied');
      expect((await failure(closing.load(models.text))).name).toBe('EngineDied');
      expect((await failure(closing.embed({ model: embedding, texts: ['a'] }))).name).toBe('EngineDied');
      expect(() => closing.cancel('nobody')).not.toThrow();
      await closing.close();
    });
  });
}

async function failure(promise: Promise<unknown>): Promise<SteadyTextError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(SteadyTextError);
  return error as SteadyTextError;
}
