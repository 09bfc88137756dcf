// Embeddings and scores of an engine against a plain computation in double precision: every kind of pooling, prompts, long texts
// and cut vectors, and pairs.

import { afterAll, describe, expect, test } from 'vitest';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import type { TinyBert } from '../convert/tiny-bert.ts';
import { failure } from '../engine/conformance/given.ts';
import {
  CLS,
  lettersOf,
  SEP,
  TINY_PAIR_TOKENS,
  type TinyEncoderOptions,
  tinyCrossEncoder,
  tinyEncoder,
} from '../engine/tiny-encoders.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { framed, mean, unit } from './plain-vectors.ts';

const tiny = await makeTinyModels();
const engine = createLocalEngine();
afterAll(async () => {
  await engine.close();
  await tiny.remove();
});

const HIDDEN = 64;
let made = 0;

async function loaded(options: TinyEncoderOptions): Promise<{ name: string; model: TinyBert }> {
  const { sources, model } = tinyEncoder(21, options);
  const name = `encoder-${made++}`;
  await engine.load(await tiny.of(name, 'embedding', 'fp32', sources));
  return { name, model };
}

const furthest = (a: ArrayLike<number>, b: readonly number[]) =>
  a.length === b.length ? Math.max(...b.map((value, i) => Math.abs(value - a[i]!))) : Number.POSITIVE_INFINITY;

/** Three parts of a model of 24 tokens: 22 letters, 22, and 6. */
const LONG = 'abcdefghijkl mnopqrstu vwxyz0123456789 zyxwvutsrqponm l';

const TRANSFORMER = { type: 'sentence_transformers.models.Transformer' };
const POOLING = { type: 'sentence_transformers.models.Pooling' };
const NORMALIZE = { type: 'sentence_transformers.models.Normalize' };

const POOLINGS = [
  ['mean', { word_embedding_dimension: HIDDEN, pooling_mode_mean_tokens: true, pooling_mode_max_tokens: false }, mean],
  ['cls', { pooling_mode_cls_token: true }, (rows: number[][]) => rows[0]!],
  ['last', { pooling_mode_lasttoken: true }, (rows: number[][]) => rows.at(-1)!],
  ['last, by its newer name,', { pooling_mode: 'lasttoken', include_prompt: true }, (rows: number[][]) => rows.at(-1)!],
] as const;

describe('an embedding', () => {
  test.for(POOLINGS)('pooled by %s, normalised or not, is that of the plain computation', async ([, pooling, pool]) => {
    for (const normalize of [true, false]) {
      const modules = [TRANSFORMER, POOLING, ...(normalize ? [NORMALIZE] : [])];
      const { name, model } = await loaded({ pooling, modules });
      const { vectors } = await engine.embed({ model: name, texts: ['an inn', 'the ring and the inn', 'q'] });
      for (const [i, text] of ['an inn', 'the ring and the inn', 'q'].entries()) {
        const plain = pool(model.states(framed(lettersOf(text))));
        expect(furthest(vectors[i]!, normalize ? unit(plain) : plain)).toBeLessThan(1e-4);
      }
    }
  });

  test('has the default prompt of the model before it, and a rerank those of queries and documents', async () => {
    const prompts = { prompts: { query: 'ask ', passage: 'tell ', other: 'say ' }, default_prompt_name: 'other' };
    const { name, model } = await loaded({ prompts, maxTokens: 48 });
    const plain = (text: string) => unit(mean(model.states(framed(lettersOf(text)))));
    const { vectors } = await engine.embed({ model: name, texts: ['the inn'] });
    expect(furthest(vectors[0]!, plain('say the inn'))).toBeLessThan(1e-4);

    const { scores } = await engine.rerank({ model: name, query: 'the inn', documents: ['a ring', 'the inn'] });
    for (const [i, document] of ['tell a ring', 'tell the inn'].entries()) {
      const [query, its] = [plain('ask the inn'), plain(document)];
      const cosine = query.reduce((sum, value, k) => sum + value * its[k]!, 0);
      expect(scores[i]).toBeCloseTo((1 + cosine) / 2, 4);
    }
  });

  test.for(POOLINGS)(
    'of a long text, pooled by %s, is the mean of its parts by their tokens',
    async ([, pooling, pool]) => {
      const { name, model } = await loaded({ pooling });
      const ids = lettersOf(LONG);
      const parts = [ids.slice(0, 22), ids.slice(22, 44), ids.slice(44)];
      const plain = unit(
        mean(
          parts.map((part) => pool(model.states(framed(part)))),
          parts.map(({ length }) => length),
        ),
      );
      const output = await engine.embed({ model: name, texts: ['q', LONG, LONG], longTexts: 'average' });
      expect(output).toMatchObject({ chunks: [1, 3, 3], tokens: [3, ids.length + 6, ids.length + 6] });
      expect([output.truncated, output.refused]).toEqual([Array(3).fill(false), Array(3).fill(false)]);
      expect(furthest(output.vectors[1]!, plain)).toBeLessThan(1e-4);
      expect(output.vectors[2]).toEqual(output.vectors[1]);
    },
  );

  test('of a long document is compared part by part, and the best part counts', async () => {
    const { name, model } = await loaded({});
    const [query, ids] = [unit(mean(model.states(framed(lettersOf('zyxw'))))), lettersOf(LONG)];
    const parts = [ids.slice(0, 22), ids.slice(22, 44), ids.slice(44)];
    const cosines = parts.map((part) => {
      const vector = unit(mean(model.states(framed(part))));
      return query.reduce((sum, value, i) => sum + value * vector[i]!, 0);
    });
    const output = await engine.rerank({ model: name, query: 'zyxw', documents: ['zyxw', LONG] });
    expect(output.scores[0]).toBeCloseTo(1, 5);
    expect(output.scores[1]).toBeCloseTo((1 + Math.max(...cosines)) / 2, 4);
    expect(output).toMatchObject({ chunks: 4, tokens: 6 + 6 + ids.length + 6, truncated: false });
  });

  test('of a long text with a prompt has the prompt before every part', async () => {
    const prompts = { prompts: { any: 'say ' }, default_prompt_name: 'any' };
    const { name, model } = await loaded({ prompts });
    const [prompt, ids] = [lettersOf('say'), lettersOf(LONG)];
    const parts = [ids.slice(0, 19), ids.slice(19, 38), ids.slice(38)];
    const vectors = parts.map((part) => mean(model.states(framed([...prompt, ...part]))));
    const output = await engine.embed({ model: name, texts: [LONG], longTexts: 'average' });
    const weights = parts.map(({ length }) => length);
    expect(output.chunks).toEqual([3]);
    expect(furthest(output.vectors[0]!, unit(mean(vectors, weights)))).toBeLessThan(1e-4);
  });

  test('is cut to a length that the model declares, and normalised again; to no other', async () => {
    const { name, model } = await loaded({ config: { matryoshka_dimensions: [16, 32] } });
    const plain = mean(model.states(framed(lettersOf('the inn'))));
    for (const dimension of [16, 32, 64]) {
      const { vectors } = await engine.embed({ model: name, texts: ['the inn'], dimension });
      expect(furthest(vectors[0]!, unit(plain.slice(0, dimension)))).toBeLessThan(1e-4);
    }
    const other = await failure(engine.embed({ model: name, texts: ['the inn'], dimension: 20 }));
    expect(other.name).toBe('InvalidInput');
    expect(other.message).toMatch(/^expected an embedding of encoder-\d+ to have 16, 32, 64 numbers, .* 20 came$/);
    const { name: plainName } = await loaded({});
    const none = await failure(engine.embed({ model: plainName, texts: ['the inn'], dimension: 16 }));
    expect(none.message).toMatch(/to have 64 numbers, the only one that it declares; 16 came$/);
  });
});

describe('a score of a cross-encoder', async () => {
  const { model, sources } = tinyCrossEncoder(5);
  const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
  const plain = (query: readonly number[], document: readonly number[]) => {
    const first = [CLS, ...query, SEP];
    return sigmoid(model.logit([...first, ...document, SEP], first.length));
  };
  await engine.load(await tiny.of('pairs', 'reranking', 'fp32', sources));

  test('is the sigmoid of the logit of query and document together, not of the one after the other', async () => {
    const documents = ['a ring', 'the inn on the hill', 'q', 'a ring'];
    const { scores, truncated, chunks } = await engine.rerank({ model: 'pairs', query: 'the inn', documents });
    for (const [i, document] of documents.entries())
      expect(scores[i]).toBeCloseTo(plain(lettersOf('the inn'), lettersOf(document)), 4);
    expect(scores[3]).toBe(scores[0]);
    expect(new Set(scores).size).toBe(3);
    expect([truncated, chunks]).toEqual([false, 4]);
    const turned = await engine.rerank({ model: 'pairs', query: 'q', documents: ['the inn'] });
    expect(turned.scores[0]).toBeCloseTo(plain(lettersOf('q'), lettersOf('the inn')), 4);
  });

  test('of a long document is that of its best part', async () => {
    const query = lettersOf('the inn');
    const room = TINY_PAIR_TOKENS - 3 - query.length;
    const ids = lettersOf(LONG);
    const parts = [ids.slice(0, room), ids.slice(room)];
    const output = await engine.rerank({ model: 'pairs', query: 'the inn', documents: [LONG] });
    const scores = parts.map((part) => plain(query, part));
    expect(output.scores[0]).toBeCloseTo(Math.max(...scores), 4);
    expect(Math.abs(scores[0]! - scores[1]!)).toBeGreaterThan(1e-3);
    expect(output).toMatchObject({ chunks: 2, tokens: ids.length + 2 * (query.length + 3), truncated: false });
  });

  test('of a long query is that of its beginning, half of what fits, and is told', async () => {
    const output = await engine.rerank({ model: 'pairs', query: LONG, documents: ['a ring'] });
    const half = Math.floor((TINY_PAIR_TOKENS - 3) / 2);
    expect(output.scores[0]).toBeCloseTo(plain(lettersOf(LONG).slice(0, half), lettersOf('a ring')), 4);
    expect(output).toMatchObject({ chunks: 1, truncated: true, tokens: half + 3 + lettersOf('a ring').length });
  });
});
