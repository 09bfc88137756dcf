// What every engine does with texts: vectors, and scores of documents.

import { describe, expect, test } from 'vitest';
import { dot } from '../../../../workers/inference/encoder/pooling.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { failure, type Given } from './given.ts';

export function embeddingConformance(given: Given): void {
  describe('embedding', () => {
    test('gives a unit vector a text, in input order, equal for equal texts', async () => {
      const output = await given.engine.embed({
        model: given.embedding,
        texts: ['one', 'a longer text, two', 'one', ''],
      });
      expect(output.vectors).toHaveLength(4);
      for (const vector of output.vectors) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(dot(vector, vector)).toBeCloseTo(1, 5);
      }
      expect(output.vectors[2]).toEqual(output.vectors[0]);
      expect(output.vectors[1]).not.toEqual(output.vectors[0]);
      expect(output.tokens[1]).toBeGreaterThan(output.tokens[0]!);
      const alone = await given.engine.embed({ model: given.embedding, texts: ['a longer text, two'] });
      expect(alone.vectors[0]).toEqual(output.vectors[1]);
    });

    test('cuts a text that is too long, and says so', async () => {
      const { maxTokens } = given.models.embedding.description.shape;
      const output = await given.engine.embed({ model: given.embedding, texts: ['short', given.models.longText] });
      expect(output.truncated).toEqual([false, true]);
      expect(output.tokens[1]).toBe(maxTokens);
    });

    test('refuses it where it is not to be cut, and its mates have their vectors', async () => {
      const { maxTokens } = given.models.embedding.description.shape;
      const texts = ['short', given.models.longText, 'other'];
      const output = await given.engine.embed({ model: given.embedding, texts, longTexts: 'refuse' });
      expect([output.refused, output.truncated]).toEqual([
        [false, true, false],
        [false, false, false],
      ]);
      expect(output.tokens[1]).toBeGreaterThan(maxTokens);
      expect(output.vectors.map(({ length }) => length > 0)).toEqual([true, false, true]);
      const cut = await given.engine.embed({ model: given.embedding, texts });
      expect([output.vectors[0], output.vectors[2]]).toEqual([cut.vectors[0], cut.vectors[2]]);
    });

    test('runs it in parts where these are to be averaged, with equal bytes in any company', async () => {
      const texts = [given.models.longText, 'short', `${given.models.longText} end`];
      const averaged = (texts: string[]) =>
        given.engine.embed({ model: given.embedding, texts, longTexts: 'average' as const });
      const [together, whole] = [await averaged(texts), await given.engine.embed({ model: given.embedding, texts })];
      expect(together.chunks[0]).toBeGreaterThan(1);
      expect(together.truncated).toEqual([false, false, false]);
      for (const [i, text] of texts.entries()) {
        expect(dot(together.vectors[i]!, together.vectors[i]!)).toBeCloseTo(1, 5);
        expect((await averaged([text])).vectors[0]).toEqual(together.vectors[i]);
      }
      expect(together.vectors[1]).toEqual(whole.vectors[1]);
      expect(together.vectors[0]).not.toEqual(whole.vectors[0]);
      expect(together.vectors[2]).not.toEqual(together.vectors[0]);
    });

    test('takes a text of a hundred thousand letters', async () => {
      const output = await given.engine.embed({
        model: given.embedding,
        texts: ['word '.repeat(20_000), 'x'.repeat(100_000)],
      });
      expect(output.vectors).toHaveLength(2);
    });

    test.each([
      ['no text', [], 'expected at least one text in texts, an empty list came'],
      ['a NUL character', ['fine', 'a\0b'], 'expected text without NUL as texts[1], a NUL character at 1 came'],
      ['half a surrogate pair', ['\udc00'], 'expected Unicode as texts[0], half a surrogate pair at 0 came'],
      ['null', [null as unknown as string], 'expected a text as texts[0], a value of type null came'],
    ])('refuses %s', async (_what, texts, message) => {
      const error = await failure(given.engine.embed({ model: given.embedding, texts }));
      expect([error.name, error.message]).toEqual(['InvalidInput', message]);
    });
  });

  describe('batches beside each other', () => {
    /** Different texts, each a group of its own. */
    const long = (count: number, name: string) =>
      Array.from({ length: count }, (_, i) => `${name} ${i} ${given.models.longText}`);
    const turnsTaken = async () => (await given.engine.describe()).turnsTaken;
    const firstTurn = async (since: number) => waitFor(async () => (await turnsTaken()) > since, 'a first turn');

    test('a small one ends while the large ones that came before it run; cancelled, these end at once', async () => {
      const before = await turnsTaken();
      const ended: string[] = [];
      const large = Array.from({ length: 8 }, async (_, i) => {
        const id = `large ${i}`;
        const output = await given.engine.rerank({ id, model: given.embedding, query: id, documents: long(300, id) });
        ended.push(id);
        return output;
      });
      await firstTurn(before);
      const { vectors } = await given.engine.embed({ model: given.embedding, texts: ['small'] });
      expect(vectors).toHaveLength(1);
      expect(ended).toEqual([]);
      for (let i = 0; i < 8; i++) given.engine.cancel(`large ${i}`);
      for (const output of await Promise.all(large)) {
        expect(output).toEqual({ scores: [], tokens: 0, truncated: false, chunks: 0, cancelled: true });
      }
      expect((await turnsTaken()) - before).toBeLessThan(1200);
    });

    test('a cancelled text is left out, and its mates have their vectors', async () => {
      const before = await turnsTaken();
      const texts = ['short', ...long(1000, 'text'), 'short'];
      // Most share an id: were they cancelled one by one, the engine might have run what was left before it heard of the last.
      const ids = texts.map((_, i) => ([0, 3, 7, 500, 1001].includes(i) ? `text ${i}` : 'others'));
      const running = given.engine.embed({ model: given.embedding, texts, ids });
      await firstTurn(before);
      for (const id of ['nobody', 'text 3', 'text 500', 'text 1001', 'others']) given.engine.cancel(id);
      const output = await running;
      expect(output.cancelled).toEqual(ids.map((id) => id !== 'text 0' && id !== 'text 7'));
      for (const [i, vector] of output.vectors.entries()) {
        if (output.cancelled[i]) expect([vector.length, output.tokens[i]]).toEqual([0, 0]);
        else
          expect([vector]).toEqual((await given.engine.embed({ model: given.embedding, texts: [texts[i]!] })).vectors);
      }
      expect((await turnsTaken()) - before).toBeLessThan(900);
    });
  });
}
