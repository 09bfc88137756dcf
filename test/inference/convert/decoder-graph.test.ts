// The decoder graph against a plain computation in double precision, and against itself in other company.

import { describe, expect, test } from 'vitest';
import { FORMATS, ROWS } from '../formats.ts';
import { ENCODERS } from './encoders.ts';
import { encodeF32, encodeQ41, encodeQ80 } from './ggml-encoders.ts';
import { encodeQ4K } from './k-quant-encoders.ts';
import type { Family } from './reference-decoder.ts';
import { largestDifference, NO_PAST, openGraph, pastOf, rowsOf, stepDecoder } from './run-graph.ts';
import { tinyDecoder } from './tiny-decoder.ts';
import { convertTiny, textSource } from './tiny-source.ts';

const IDS = [5, 9, 40, 2, 17, 33, 8];
const FAMILIES: readonly Family[] = ['llama', 'qwen2', 'qwen3'];
/** Rows of whole super-blocks. */
const WIDE = { hidden: 256, feedForward: 256, heads: 4, kvHeads: 2, headSize: 64 };

describe.for(FAMILIES)('an fp32 graph of a %s answers like the plain computation', (family) => {
  test.for([
    ['groups of two heads', {}],
    ['one group for all heads', { heads: 4, kvHeads: 1 }],
    ['as many key/value heads as heads', { heads: 2, kvHeads: 2, headSize: 32 }],
    ['heads wider than the model', { heads: 4, kvHeads: 2, headSize: 24 }],
    ['an embedding table that is also the head', { tied: true }],
  ] as const)('with %s', async ([, options]) => {
    const model = tinyDecoder(family, 1, options);
    const graph = await openGraph(await convertTiny(textSource(model.bytes), 'fp32'));
    const outputs = await stepDecoder(graph, model, [{ ids: IDS, past: NO_PAST }]);
    expect(largestDifference(rowsOf(outputs.logits), model.logits(IDS))).toBeLessThan(1e-4);
  });

  test('when the first tokens come as a padded past', async () => {
    const model = tinyDecoder(family, 3);
    const graph = await openGraph(await convertTiny(textSource(model.bytes), 'fp32'));
    const first = await stepDecoder(graph, model, [{ ids: IDS.slice(0, 4), past: NO_PAST }]);
    const rest = await stepDecoder(graph, model, [{ ids: IDS.slice(4), past: pastOf(first, 4) }], 9);
    expect(largestDifference(rowsOf(rest.logits), model.logits(IDS).slice(4))).toBeLessThan(1e-4);
  });

  test('for the rows that are asked for, in their order', async () => {
    const model = tinyDecoder(family, 4);
    const graph = await openGraph(await convertTiny(textSource(model.bytes), 'fp32'));
    const all = rowsOf((await stepDecoder(graph, model, [{ ids: IDS, past: NO_PAST }])).logits);
    const some = rowsOf((await stepDecoder(graph, model, [{ ids: IDS, past: NO_PAST }], 0, [6, 2])).logits);
    expect(some).toHaveLength(2);
    expect(largestDifference(some, [all[6]!, all[2]!])).toBeLessThan(1e-5);
  });
});

test.for(Object.entries(ENCODERS))(
  'an fp32 graph answers like the plain computation from weights stored as %s',
  async ([, encode]) => {
    const model = tinyDecoder('llama', 2, { encode, ...WIDE });
    const graph = await openGraph(await convertTiny(textSource(model.bytes), 'fp32'));
    const outputs = await stepDecoder(graph, model, [{ ids: IDS, past: NO_PAST }]);
    expect(largestDifference(rowsOf(outputs.logits), model.logits(IDS))).toBeLessThan(1e-4);
  },
);

const SOME_TYPES = [
  ['F32', encodeF32, {}],
  ['Q8_0', encodeQ80, {}],
  ['Q4_1', encodeQ41, {}],
  ['Q4_K', encodeQ4K, WIDE],
] as const;

describe.for(FAMILIES)('an nb8 graph of a %s', (family) => {
  test.for(SOME_TYPES)('stays within the error of 8-bit blocks, from %s', async ([, encode, sizes]) => {
    const model = tinyDecoder(family, 5, { encode, ...sizes });
    const graph = await openGraph(await convertTiny(textSource(model.bytes), 'nb8'));
    const found = rowsOf((await stepDecoder(graph, model, [{ ids: IDS, past: NO_PAST }])).logits);
    // Random weights double every error on its way; layers.test.ts has the exact bound of one layer.
    for (const [i, expected] of model.logits(IDS).entries()) expect(cosine(found[i]!, expected)).toBeGreaterThan(0.99);
  });

  test('keeps the codes of Q8_0 weights as they are', async () => {
    const model = tinyDecoder(family, 6, { encode: encodeQ80, tied: true });
    const rounded = await convertTiny(textSource(model.bytes), 'nb8');
    const exact = await convertTiny(textSource(model.bytes), 'fp32');
    // The embedding of a token is one row of the table: no arithmetic but code × scale stands between file and output.
    const [a, b] = await Promise.all([rounded, exact].map(openGraph));
    const step = { ids: [7], past: NO_PAST };
    const [nb8, fp32] = [await stepDecoder(a!, model, [step]), await stepDecoder(b!, model, [step])];
    expect(cosine(pastOf(nb8, 1).parts.get('v_0')!, pastOf(fp32, 1).parts.get('v_0')!)).toBeGreaterThan(0.9999);
  });
});

describe(`a ${ROWS} graph`, () => {
  const cases = FAMILIES.flatMap((family) => SOME_TYPES.map((type) => [family, ...type] as const));
  test.for(cases)('of a %s stays within the error of 8-bit rows, from %s', async ([family, , encode, sizes]) => {
    const model = tinyDecoder(family, 9, { encode, tied: true, ...sizes });
    const graph = await openGraph(await convertTiny(textSource(model.bytes), ROWS));
    const found = rowsOf((await stepDecoder(graph, model, [{ ids: IDS, past: NO_PAST }])).logits);
    for (const [i, expected] of model.logits(IDS).entries()) expect(cosine(found[i]!, expected)).toBeGreaterThan(0.98);
  });
});

for (const format of FORMATS)
  describe(`a row of a graph in ${format} has the same bytes`, () => {
    test.for([
      ['llama', 'in groups', {}],
      ['llama', 'without groups', { heads: 2, kvHeads: 2, headSize: 32 }],
      ['qwen2', 'in groups', {}],
      ['qwen3', 'in groups', {}],
      ['qwen3', 'without groups', { heads: 2, kvHeads: 2, headSize: 32 }],
    ] as const)('alone, beside others, and with a padded past (%s, %s)', async ([family, , options]) => {
      const model = tinyDecoder(family, 7, options);
      const graph = await openGraph(await convertTiny(textSource(model.bytes), format));
      const begun = await Promise.all(
        [IDS, [3], [30, 31, 32], [8, 8, 8, 8, 8]].map(async (ids) => ({
          ids: [11],
          past: pastOf(await stepDecoder(graph, model, [{ ids, past: NO_PAST }]), ids.length),
        })),
      );
      const alone = (await stepDecoder(graph, model, begun.slice(0, 1))).logits!.data as Float32Array;
      for (const count of [1, 2, 3, 4]) {
        for (const room of [0, 9, 16, 40]) {
          const { logits, fresh_1 } = await stepDecoder(graph, model, begun.slice(0, count), room);
          expect(fresh_1!.dims[0]).toBe(count);
          expect((logits!.data as Float32Array).slice(0, alone.length), `${count} streams, room ${room}`).toEqual(
            alone,
          );
        }
      }
    });
  });

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Array.from(x).reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
