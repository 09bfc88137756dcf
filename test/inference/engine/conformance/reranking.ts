// What every engine does with a query and documents, by embeddings, with a cross-encoder and with a decoder: scores in input order,
// and the same ones whatever runs beside them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cosine } from '../../../../workers/inference/encoder/pooling.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { failure, type Given } from './given.ts';

export function rerankingConformance(given: Given): void {
  describe('reranking', () => {
    test('scores are (1 + cosine) / 2 of query and document, in input order', async () => {
      const documents = ['one document', 'another, longer document', 'the query'];
      const { scores, tokens, truncated, chunks } = await given.engine.rerank({
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
      expect([truncated, chunks]).toEqual([false, 3]);
    });

    test('of a long document every part is looked at, and a long query is cut and told', async () => {
      const { longText } = given.models;
      const ask = (query: string) =>
        given.engine.rerank({ model: given.embedding, query, documents: [longText, 'a ring', `${longText} a ring`] });
      const { scores, chunks, truncated } = await ask('a ring');
      expect(chunks).toBeGreaterThan(4);
      expect(truncated).toBe(false);
      const { vectors } = await given.engine.embed({ model: given.embedding, texts: ['a ring', longText] });
      // The first part is what is left of a text that is cut.
      expect(scores[0]).toBeGreaterThan((1 + cosine(vectors[0]!, vectors[1]!)) / 2 - 1e-6);
      expect((await ask(longText)).truncated).toBe(true);
    });

    test('refuses no documents, and a query that is no text', async () => {
      const none = given.engine.rerank({ model: given.embedding, query: 'q', documents: [] });
      expect((await failure(none)).message).toBe('expected at least one text in documents, an empty list came');
      const broken = given.engine.rerank({ model: given.embedding, query: '\ud800', documents: ['d'] });
      expect((await failure(broken)).message).toMatch(/^expected Unicode as query/);
    });
  });

  describe.each([
    ['a cross-encoder', 'reranking'],
    ['a decoder', 'ranking'],
  ] as const)('reranking with %s', (_, which) => {
    beforeAll(async () => {
      await given.engine.load(given.models[which]);
    });
    afterAll(async () => {
      if (which === 'ranking') await given.engine.unload(given.models[which].description.name);
    });

    const documents = ['the inn', 'a ring, and bread', '', 'the inn', 'on their 7th day', 'x'];

    test('is described, and embeds nothing', async () => {
      const reranking = given.models[which];
      const { name } = reranking.description;
      const { models } = await given.engine.describe();
      expect(models.find((model) => model.name === name)).toMatchObject({
        ...{ kind: 'reranking', dimension: null, takesInstruction: which === 'ranking' },
      });
      const embedding = await failure(given.engine.embed({ model: name, texts: ['a'] }));
      expect(embedding.message).toMatch(/^expected an embedding model, .* kind reranking$/);
    });

    test('gives each document the score that it has alone, to the last bit', async () => {
      const [reranking, { longText }] = [given.models[which], given.models];
      const { name } = reranking.description;
      const all = [...documents, longText];
      const beside = given.engine.embed({ model: given.embedding, texts: [longText, 'x'] });
      const { scores, cancelled } = await given.engine.rerank({ model: name, query: 'which inn?', documents: all });
      await beside;
      expect(cancelled).toBe(false);
      expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
      expect(scores[3]).toBe(scores[0]);
      for (const [i, document] of all.entries()) {
        const alone = await given.engine.rerank({ model: name, query: 'which inn?', documents: [document] });
        expect(alone.scores).toEqual([scores[i]]);
      }
    });

    test('is cancelled between groups of pairs, and others go on', async () => {
      const [reranking, { longText }] = [given.models[which], given.models];
      const { name } = reranking.description;
      const turns = async () => (await given.engine.describe()).turnsTaken;
      const before = await turns();
      const many = Array.from({ length: 500 }, (_, i) => `${i} ${longText}`);
      const large = given.engine.rerank({ id: 'large', model: name, query: 'inn', documents: many });
      await waitFor(async () => (await turns()) > before, 'a first turn');
      const small = await given.engine.rerank({ model: name, query: 'inn', documents: ['a'] });
      expect(small.scores).toHaveLength(1);
      given.engine.cancel('large');
      expect(await large).toEqual({ scores: [], tokens: 0, truncated: false, chunks: 0, cancelled: true });
      expect((await turns()) - before).toBeLessThan(800);
    });
  });
}
