// What single benches make of what they measured: differences of vectors, rankings, steps and losses.

import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { operationsOf } from '../../../scripts/bench/bounds/encoder-bounds.ts';
import { vectorDifferences } from '../../../scripts/bench/determinism/vector-differences.ts';
import { perplexityChange } from '../../../scripts/bench/quality/bootstrap.ts';
import { agreementOf, rerankQueries } from '../../../scripts/bench/rerank/queries.ts';
import { fastest } from '../../../scripts/bench/rivals/best-batch.ts';
import { decodingRate, stepRates } from '../../../scripts/bench/rivals/text-generation/step-rates.ts';
import { shortTexts } from '../../../scripts/bench/texts.ts';
import { foresee, WINDOW } from '../../../workers/inference/measure/foresee.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { NO_PAST, openGraph, rowsOf, stepDecoder } from '../../inference/convert/run-graph.ts';
import { makeTinyModels } from '../../inference/engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

test('vectors are compared byte by byte: 0 and -0 differ', () => {
  const one = [Float32Array.of(1, 0), Float32Array.of(0.6, 0.8), Float32Array.of(0, 1)];
  const other = [Float32Array.of(1, -0), Float32Array.of(0.6, 0.8), Float32Array.of(0.5, 1)];
  const differences = vectorDifferences(one, other);
  expect(differences).toMatchObject({ vectors: 3, differ: 2, bytes: 24, differingBytes: 2, largest: 0.5 });
  expect(differences.leastCosine).toBeCloseTo(1 / Math.sqrt(1.25));
  expect(vectorDifferences(one, one)).toMatchObject({ differ: 0, differingBytes: 0, largest: 0, leastCosine: 1 });
  expect(() => vectorDifferences(one, other.slice(1))).toThrow('Expected 3 vectors, got 2.');
  expect(() => vectorDifferences([Float32Array.of(1)], [Float32Array.of(1, 2)])).toThrow('Expected 1 numbers, got 2.');
});

test('queries have 20 to 100 documents, and of one query no two are the same', () => {
  const texts = Array.from({ length: 500 }, (_, i) => `text ${i}`);
  const queries = rerankQueries(5, texts);
  expect(queries.map(({ documents }) => documents.length)).toEqual([20, 40, 60, 80, 100]);
  for (const { documents } of queries) expect(new Set(documents).size).toBe(documents.length);
  expect(new Set(queries.map(({ query }) => query)).size).toBe(5);
  expect(rerankQueries(1, texts)[0]!.documents.length).toBe(100);
});

test('scores from 0 to 1 are compared with cosines', () => {
  const agreement = agreementOf([[0.75, 0.5], [0.5, 1]], [[0.5, 0.25], [0.25, -1]]); // biome-ignore format: rows
  expect(agreement).toEqual({ median: 0.25, most: 2, sameFirst: 1 });
});

test('of the batches that were tried the fastest is taken, of equal ones the smaller', () => {
  const speeds = [
    [4, 10],
    [8, 12],
    [16, 12],
    [32, 3],
  ] as const;
  expect(fastest(new Map(speeds))).toEqual({ batch: 8, speed: 12 });
});

test('a step gives a token to every prompt; the first one is reading', async () => {
  expect(decodingRate([[500, 600, 700]], 4)).toBe(40);
  expect(decodingRate([[100, 200], [300, 500]], 1)).toBeCloseTo(1000 / 150); // biome-ignore format: rows
  const asked: number[][] = [];
  const rival = {
    name: 'steps of 10 ms after a prompt of 100',
    generate: async (prompts: readonly (readonly number[])[], tokens: number) => {
      asked.push([prompts.length, tokens]);
      return { times: Array.from({ length: tokens }, (_, i) => 100 + 10 * i), answer: [] };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const prompts = Array.from({ length: 6 }, () => [1, 2]);
  const rates = stepRates(prompts, [[1, 2, 3, 4], [5]], 11);
  expect(await rates.one(rival)).toBe(100);
  expect(asked).toEqual(Array(4).fill([1, 12]));
  expect(await rates.many(rival)).toBe(600);
  expect(await rates.whole()).toBe((1000 * 6 * 11) / 200);
  expect(await rates.reading(rival)).toBe(40);
});

test('two operations for each weight of an encoder that is multiplied', () => {
  const [layers, hidden, vocabulary] = [1000, 8, 20];
  const bytes = 4 * (layers + (vocabulary + 512) * hidden);
  const description = { files: { 'graph.data': { sha256: '', bytes } }, shape: { hidden, vocabulary } };
  expect(operationsOf({ path: '', description } as unknown as Parameters<typeof operationsOf>[0])).toBe(2 * layers);
});

describe('perplexity', () => {
  test('a change of every window has no interval, one of some windows has', () => {
    const plain = Array.from({ length: 40 }, (_, i) => ({ loss: 20 + (i % 7), tokens: 10 }));
    const more = (part: (i: number) => number) =>
      plain.map(({ loss, tokens }, i) => ({ loss: loss + part(i), tokens }));
    const even = perplexityChange(
      more(() => 0.1),
      plain,
    );
    for (const change of [even.change, even.least, even.most]) expect(change).toBeCloseTo(Math.exp(0.01) - 1, 10);
    expect(even.perplexity / even.of).toBeCloseTo(Math.exp(0.01), 10);
    const uneven = perplexityChange(
      more((i) => (i % 2 === 0 ? 0.2 : 0)),
      plain,
    );
    expect(uneven.change).toBeCloseTo(Math.exp(0.01) - 1, 10);
    expect(uneven.least).toBeLessThan(uneven.change);
    expect(uneven.most).toBeGreaterThan(uneven.change);
    // Of 40 windows with a deviation of 0.01 each: 1.96 × 0.01 / √40 to both sides.
    expect(uneven.most - uneven.least).toBeGreaterThan(0.004);
    expect(uneven.most - uneven.least).toBeLessThan(0.009);
    expect(() => perplexityChange(even as never, plain)).toThrow();
    expect(() => perplexityChange(plain.slice(1), plain)).toThrow('got 39 and 40');
  });

  test('each window is foreseen on its own, as the graph does it step by step', async () => {
    const folder = await tiny.text('fp32');
    const text = 'abcdefghij klmnop qrstu vwxyz '.repeat(40);
    const losses = await foresee(folder, text, { tokens: 2 * WINDOW });
    expect(losses.map(({ tokens }) => tokens)).toEqual([255, 255]);
    const { tokenizer } = await readTokenizer(folder);
    const ids: number[] = [...tokenizer.encode(text, { add_special_tokens: false }).ids].slice(256, 512);
    const graph = await openGraph(folder);
    const shape = folder.description.shape as DecoderShape;
    const { logits } = await stepDecoder(graph, shape, [{ ids, past: NO_PAST }]);
    const expected = rowsOf(logits)
      .slice(0, -1)
      .map((row, i) => Math.log(row.reduce((sum, value) => sum + Math.exp(value - row[ids[i + 1]!]!), 0)));
    expect(losses[1]!.loss).toBeCloseTo(
      expected.reduce((sum, each) => sum + each, 0),
      3,
    );
    await graph.release();
  });
});

test('more than a thousand sentences are measured with, none of which a test or the others have', () => {
  const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8').trim();
  const sentences = read('scripts/bench/quality/sentences.txt').split('\n');
  expect(sentences.length).toBeGreaterThanOrEqual(1000);
  expect(new Set([...sentences, ...read('workers/inference/measure/texts/sentences.txt').split('\n')]).size).toBe(
    sentences.length + 223,
  );
  const text = read('workers/inference/measure/texts/economies.txt');
  expect(sentences.filter((sentence) => text.includes(sentence))).toEqual([]);
  // Four characters and a bit are a token.
  expect(text.length).toBeGreaterThan(20_000 * 5);
});

test('short texts are as many as are asked for, and no two are the same', () => {
  const texts = shortTexts(3000);
  expect(new Set(texts).size).toBe(3000);
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(106);
});
