// What every engine does with texts: vectors, and scores of documents.

import { describe, expect, test } from 'vitest';
import { cosine, dot } from '../../../../workers/inference/encoder/pooling.ts';
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
        expect(output).toEqual({ scores: [], tokens: 0, truncated: false, cancelled: true });
      }
      expect((await turnsTaken()) - before).toBeLessThan(1200);
    });

    test('a cancelled text is left out, and its mates have their vectors', async () => {
      const before = await turnsTaken();
      const texts = ['short', ...long(1000, 'text'), 'short'];
      const ids = texts.map((_, i) => `text ${i}`);
      const running = given.engine.embed({ model: given.embedding, texts, ids });
      await firstTurn(before);
      given.engine.cancel('nobody');
      for (const id of ids.slice(1)) if (id !== 'text 7') given.engine.cancel(id);
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

  describe('reranking', () => {
    test('scores are (1 + cosine) / 2 of query and document, in input order', async () => {
      const documents = ['one document', 'another, longer document', 'the query'];
      const { scores, tokens, truncated } = await given.engine.rerank({
        model: given.embedding,
        query: 'the query',
        documents,
      });
      const { vectors } = await given.engine.embed({ model: given.embedding, texts: ['the query', ...documents] });
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
      const none = given.engine.rerank({ model: given.embedding, query: 'q', documents: [] });
      expect((await failure(none)).message).toBe('expected at least one text in documents, an empty list came');
      const broken = given.engine.rerank({ model: given.embedding, query: '\ud800', documents: ['d'] });
      expect((await failure(broken)).message).toMatch(/^expected Unicode as query/);
    });
  });
}
