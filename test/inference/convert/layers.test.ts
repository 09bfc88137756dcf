// One linear layer and one embedding table in 8 bits, against the bound that follows from their rounding.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { writeBest } from '../../../workers/inference/convert/graphs/decoder-graph.ts';
import { LayerWriter } from '../../../workers/inference/convert/graphs/layers.ts';
import { GraphWriter } from '../../../workers/inference/convert/onnx/graph-writer.ts';
import { WeightFile } from '../../../workers/inference/convert/onnx/weight-file.ts';
import type { WeightRows } from '../../../workers/inference/convert/read/tensor-file.ts';
import { ROWS } from '../formats.ts';
import { rowsOf } from './run-graph.ts';
import { seeded } from './seeded.ts';
import { temporaryFolder } from './tiny-source.ts';

const BLOCK = 32;

function weightOf(values: Float32Array, width: number): WeightRows {
  const read = (first: number, count: number) => values.slice(first * width, (first + count) * width);
  return { name: 'weight', rows: values.length / width, width, read };
}

async function openLayer(
  build: (graph: GraphWriter, layers: LayerWriter) => void,
  format: NumberFormat = 'nb8',
): Promise<InferenceSession> {
  const folder = temporaryFolder();
  const weights = new WeightFile(join(folder, 'graph.data'));
  const graph = new GraphWriter(weights);
  build(graph, new LayerWriter(graph, format, 'test'));
  weights.close();
  writeFileSync(join(folder, 'graph.onnx'), graph.finish());
  return InferenceSession.create(join(folder, 'graph.onnx'), { intraOpNumThreads: 1 });
}

const largest = (block: Float32Array) => Math.max(...block.map(Math.abs));

/** Half a step of rounding in each weight and each activation of a block, and both at once. */
function roundingBound(x: Float32Array, row: Float32Array): number {
  let bound = 0;
  for (let from = 0; from < x.length; from += BLOCK) {
    const [a, w] = [x.subarray(from, from + BLOCK), row.subarray(from, from + BLOCK)];
    const [stepA, stepW] = [largest(a) / 127 / 2, largest(w) / 127 / 2];
    for (let i = 0; i < BLOCK; i++) bound += Math.abs(a[i]!) * stepW + Math.abs(w[i]!) * stepA + stepA * stepW;
  }
  return bound * 1.001 + 1e-6;
}

test.for([1, 2, 5, 16, 40])('a linear layer of %i rows is within the rounding of its blocks', async (rows) => {
  const [outputs, width] = [70, 96];
  const random = seeded(rows);
  const values = random.normals(outputs * width, 0.1);
  values.fill(0, 5 * width, 6 * width); // a row of zeros has a scale of zero
  values[7 * width + 3] = 9; // an outlier costs precision in its own block only
  const layer = await openLayer((graph, layers) => {
    graph.input('x', 'float', ['M', width]);
    graph.output('y', 'float', ['M', outputs]);
    layers.linear('x', 'weight', weightOf(values, width), 'y');
  });
  const x = random.normals(rows * width, 1);
  const found = rowsOf((await layer.run({ x: new Tensor('float32', x, [rows, width]) })).y);
  for (let row = 0; row < rows; row++) {
    const input = x.subarray(row * width, (row + 1) * width);
    for (let output = 0; output < outputs; output++) {
      const weights = values.subarray(output * width, (output + 1) * width);
      const exact = input.reduce((sum, value, i) => sum + value * weights[i]!, 0);
      expect(Math.abs(found[row]![output]! - exact)).toBeLessThan(roundingBound(input, weights));
    }
  }
});

test('an embedding is within half a step of its table', async () => {
  const [tokens, width] = [40, 64];
  const values = seeded(3).normals(tokens * width, 1);
  const table = await openLayer((graph, layers) => {
    graph.input('ids', 'int64', ['B', 'S']);
    graph.output('y', 'float', ['B', 'S', width]);
    graph.node('Identity', [layers.embedding('ids', 'table', weightOf(values, width))], {}, 'y');
  });
  const ids = [0, 39, 7, 7];
  const { y } = await table.run({ ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [2, 2]) });
  for (const [at, id] of ids.entries()) {
    for (let from = 0; from < width; from += BLOCK) {
      const block = values.subarray(id * width + from, id * width + from + BLOCK);
      const found = rowsOf(y)[at]!.subarray(from, from + BLOCK);
      for (let i = 0; i < BLOCK; i++)
        expect(Math.abs(found[i]! - block[i]!)).toBeLessThan((largest(block) / 127 / 2) * 1.001);
    }
  }
});

test('the best token has the highest logit, and of equal ones the lowest id', async () => {
  const graph = await openLayer((graph) => {
    graph.input('logits', 'float', ['R', 4]);
    writeBest(graph);
  });
  const logits = Float32Array.of(1, 3, 2, 0, 1, 3, 3, -5, -0, 0, -1, -1);
  const { best } = await graph.run({ logits: new Tensor('float32', logits, [3, 4]) });
  expect([...(best!.data as BigInt64Array)]).toEqual([1n, 1n, 0n]);
});

test('rows that are no whole blocks are refused by name', async () => {
  await expect(
    openLayer((_graph, layers) => void layers.linear('x', 'weight', weightOf(new Float32Array(40), 40))),
  ).rejects.toThrow('nb8 needs rows of whole blocks of 32, but weight has 40 columns');
});

// row8u everywhere: its bytes have no sign, which every CPU takes rightly.
describe.each([...new Set([ROWS, 'row8u'] as const)])('in whole rows, %s', (format) => {
  interface Layer {
    readonly x: Float32Array;
    readonly width: number;
    readonly values: Float32Array;
    readonly step: number;
    readonly exactWeights?: boolean;
  }

  /** Half a step of rounding in each weight of a row and in each activation, and both at once. */
  function bound(x: Float32Array, row: Float32Array, step: number, exactWeights: boolean): number {
    const [halfA, halfW] = [step / 2, exactWeights ? 0 : largest(row) / 127 / 2];
    const errors = x.reduce((sum, a, i) => sum + Math.abs(a) * halfW + Math.abs(row[i]!) * halfA + halfA * halfW, 0);
    return errors * 1.01 + 1e-4;
  }

  /** Whole steps of a scale of 1/127, so that the error is that of the activations alone. */
  function exactWeightsOf(seed: number, outputs: number, width: number): Float32Array {
    return seeded(seed)
      .normals(outputs * width, 40)
      .map((value, i) => (i % width === 0 ? 127 : Math.max(-127, Math.min(127, Math.round(value)))) / 127);
  }

  async function check(layer: InferenceSession, { x, width, values, step, exactWeights = false }: Layer) {
    const dims = [x.length / width, width];
    const found = rowsOf((await layer.run({ x: new Tensor('float32', x, dims) })).y);
    for (const [row, outputs] of found.entries()) {
      const input = x.subarray(row * width, (row + 1) * width);
      for (const [output, value] of outputs.entries()) {
        const weights = values.subarray(output * width, (output + 1) * width);
        const exact = input.reduce((sum, a, i) => sum + a * weights[i]!, 0);
        expect(Math.abs(value - exact)).toBeLessThan(bound(input, weights, step, exactWeights));
      }
    }
  }

  test.for([1, 2, 5, 16, 40])('a layer over %i normalised rows is within their rounding', async (rows) => {
    const [outputs, width] = [70, 100]; // not of whole blocks
    const values = seeded(rows).normals(outputs * width, 0.1);
    values.fill(0, 5 * width, 6 * width); // a row of zeros has a scale of zero
    const layer = await openLayer((graph, layers) => {
      graph.input('x', 'float', ['M', width]);
      graph.output('y', 'float', ['M', outputs]);
      graph.node('Identity', [layers.linearOfNormed('x', 'weight', weightOf(values, width))], {}, 'y');
    }, format);
    const x = seeded(rows + 50)
      .normals(rows * width, 1)
      .map((value) => Math.max(-4, Math.min(4, value)));
    await check(layer, { x, width, values, step: 4 / 127 });
  });

  test('a number beyond four times the root mean square counts as four', async () => {
    const layer = await openLayer((graph, layers) => {
      graph.input('x', 'float', ['M', 32]);
      graph.output('y', 'float', ['M', 1]);
      const ones = weightOf(new Float32Array(32).fill(1), 32);
      graph.node('Identity', [layers.linearOfNormed('x', 'weight', ones)], {}, 'y');
    }, format);
    const x = new Float32Array(32);
    x[3] = 40;
    const { y } = await layer.run({ x: new Tensor('float32', x, [1, 32]) });
    expect((y!.data as Float32Array)[0]).toBeCloseTo(4, 1);
  });

  test.for([1, 3, 40])('a layer over %i bounded rows is within 16 bits of them', async (rows) => {
    const [outputs, width, most] = [70, 96, 30];
    const values = exactWeightsOf(rows, outputs, width);
    const layer = await openLayer((graph, layers) => {
      graph.input('x', 'float', ['M', width]);
      graph.output('y', 'float', ['M', outputs]);
      graph.node('Identity', [layers.linearOfBounded('x', 'weight', weightOf(values, width), most)], {}, 'y');
    }, format);
    const x = seeded(rows + 9).normals(rows * width, 1);
    // The bound itself, in both directions, is not cut.
    x[0] = most;
    x[1] = -most;
    await check(layer, { x, width, values, step: most / 127 / 256, exactWeights: true });
  });

  /** Rows of sizes from thousandths to thousands, the last of several all zeros. */
  function sized(seed: number, rows: number, width: number): Float32Array {
    const x = seeded(seed).normals(rows * width, 1);
    for (let i = 0; i < x.length; i++) x[i]! *= 10 ** ((Math.floor(i / width) % 7) - 3);
    if (rows > 1) x.fill(0, (rows - 1) * width);
    return x;
  }

  // Where a second product of bytes is dear; row8 has two digits here too.
  if (format === 'row8u') {
    test.for([1, 2, 40])('a layer over %i even rows is within 8 bits of the largest of each row', async (rows) => {
      const [outputs, width] = [70, 96];
      const values = exactWeightsOf(rows, outputs, width);
      const layer = await openLayer((graph, layers) => {
        graph.input('x', 'float', ['M', width]);
        graph.output('y', 'float', ['M', outputs]);
        graph.node('Identity', [layers.linearOfEven('x', 'weight', weightOf(values, width), 4000)], {}, 'y');
      }, format);
      const x = sized(rows, rows, width);
      for (let row = 0; row < rows; row++) {
        const input = x.subarray(row * width, (row + 1) * width);
        await check(layer, { x: input, width, values, step: largest(input) / 127, exactWeights: true });
      }
    });

    test.for([1, 2, 40])(
      'a layer over %i rows above a least number is within 8 bits of what is above it',
      async (rows) => {
        const [outputs, width, least] = [70, 96, -0.17];
        const values = exactWeightsOf(rows + 3, outputs, width);
        const bias = seeded(rows).normals(outputs, 1);
        const layer = await openLayer((graph, layers) => {
          graph.input('x', 'float', ['M', width]);
          graph.output('y', 'float', ['M', outputs]);
          const { product, bias: left } = layers.linearAbove(least, 'x', 'weight', weightOf(values, width), 4000, bias);
          // The bias itself is taken off again, so that what is left of it is what the least number stands for.
          graph.vector(
            'left',
            left.map((value, i) => value - bias[i]!),
          );
          graph.node('Add', [product, 'left'], {}, 'y');
        }, format);
        const x = sized(rows, rows, width).map((value) => Math.max(least, value));
        for (let row = 0; row < rows; row++) {
          const input = x.subarray(row * width, (row + 1) * width);
          await check(layer, { x: input, width, values, step: (Math.max(...input) - least) / 255, exactWeights: true });
        }
      },
    );
  }

  test.for([1, 2, 40])('a layer over %i turned rows is within 8 bits of the largest of each row', async (rows) => {
    const [outputs, width] = [70, 96];
    const values = exactWeightsOf(rows, outputs, width);
    const layer = await openLayer((graph, layers) => {
      graph.input('x', 'float', ['M', width]);
      graph.output('y', 'float', ['M', outputs]);
      graph.node('Identity', [layers.linearOfTurned('x', 'weight', weightOf(values, width))], {}, 'y');
    }, format);
    const x = sized(rows + 9, rows, width);
    for (let row = 0; row < rows; row++) {
      const input = x.subarray(row * width, (row + 1) * width);
      await check(layer, { x: input, width, values, step: largest(input) / 127, exactWeights: true });
    }
  });

  test('a head is within 8 bits of the largest number of its row', async () => {
    const [outputs, width] = [70, 96];
    const values = exactWeightsOf(2, outputs, width);
    const head = await openLayer((graph, layers) => {
      graph.input('x', 'float', ['M', width]);
      graph.output('y', 'float', ['M', outputs]);
      layers.head('x', 'weight', weightOf(values, width), 'y');
    }, format);
    const x = sized(3, 1, width);
    await check(head, { x, width, values, step: largest(x) / 127, exactWeights: true });
  });
});
