// The encoder graph against a plain computation in double precision, and against itself in other company.

import { describe, expect, test } from 'vitest';
import { FORMATS, ROWS } from '../formats.ts';
import { encodeBF16, encodeF16, encodeF32 } from './ggml-encoders.ts';
import { largestDifference, openGraph, runEncoder } from './run-graph.ts';
import { tinyBert } from './tiny-bert.ts';
import { convertTiny, embeddingSource } from './tiny-source.ts';

const TEXT = [3, 14, 15, 9, 26, 5];
const OTHERS = [[1], [2, 7, 1, 8, 2, 8, 1, 8], [31, 41, 5]];

test.for([
  ['F32', encodeF32, ''],
  ['F16', encodeF16, ''],
  ['BF16', encodeBF16, ''],
  ['F32', encodeF32, 'bert.'],
] as const)('an fp32 graph answers like the plain computation, from %s', async ([dtype, encode, prefix]) => {
  const model = tinyBert(1, { dtype, encode, prefix });
  const graph = await openGraph(await convertTiny(embeddingSource(model), 'fp32'));
  const [states] = await runEncoder(graph, [TEXT]);
  expect(largestDifference(states!, model.states(TEXT))).toBeLessThan(1e-4);
});

test('an nb8 graph stays within the error of 8-bit blocks', async () => {
  const model = tinyBert(2);
  const graph = await openGraph(await convertTiny(embeddingSource(model), 'nb8'));
  const [states] = await runEncoder(graph, [TEXT]);
  // Random weights double every error on its way; layers.test.ts has the exact bound of one layer.
  expect(largestDifference(states!, model.states(TEXT))).toBeLessThan(0.3);
  expect(largestDifference(states!, model.states(TEXT))).toBeGreaterThan(0);
});

describe(`a ${ROWS} graph`, () => {
  test.for([3, 4, 5])('stays within the error of 8-bit rows, model %i', async (seed) => {
    const model = tinyBert(seed);
    const [row8, fp32] = [
      await convertTiny(embeddingSource(model), ROWS),
      await convertTiny(embeddingSource(model), 'fp32'),
    ];
    const [a, b] = [await openGraph(row8), await openGraph(fp32)];
    const [[found], [exact]] = [await runEncoder(a, [TEXT]), await runEncoder(b, [TEXT])];
    expect(largestDifference(found!, exact!)).toBeLessThan(0.1);
    expect(largestDifference(found!, exact!)).toBeGreaterThan(0);
  });
});

for (const format of FORMATS)
  describe(`a text through a graph in ${format}`, () => {
    test('has the same bytes alone, beside others, and padded', async () => {
      const graph = await openGraph(await convertTiny(embeddingSource(tinyBert(3)), format));
      const [alone] = await runEncoder(graph, [TEXT]);
      for (let others = 0; others <= OTHERS.length; others++) {
        for (const room of [0, 7, 16, 32]) {
          const [states] = await runEncoder(graph, [TEXT, ...OTHERS.slice(0, others)], room);
          expect(states, `${others} others, room ${room}`).toEqual(alone);
        }
      }
    });

    test('is described with its own limits', async () => {
      const { description } = await convertTiny(embeddingSource(tinyBert(4)), format);
      expect(description).toMatchObject({ name: 'tiny-embedding', format, licence: 'none' });
      expect(description.shape).toMatchObject({ maxTokens: 16, pooling: 'mean', normalize: true, dimension: 64 });
    });
  });
