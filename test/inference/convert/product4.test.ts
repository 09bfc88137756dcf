// One linear layer in 4-bit blocks: its codes, its rounding, and that its rows are the same alone and in company.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { LayerWriter } from '../../../workers/inference/convert/graphs/layers.ts';
import { GraphWriter } from '../../../workers/inference/convert/onnx/graph-writer.ts';
import { WeightFile } from '../../../workers/inference/convert/onnx/weight-file.ts';
import type { SymmetricBlocks, WeightRows } from '../../../workers/inference/convert/read/tensor-file.ts';
import { rowsOf } from './run-graph.ts';
import { seeded } from './seeded.ts';
import { temporaryFolder } from './tiny-source.ts';

const BLOCK = 32;
const [OUTPUTS, WIDTH] = [70, 96];

function weightOf(values: Float32Array, blocks?: SymmetricBlocks): WeightRows {
  const read = (first: number, count: number) => values.slice(first * WIDTH, (first + count) * WIDTH);
  const readBlocks = (first: number, count: number) => ({
    codes: blocks!.codes.slice(first * WIDTH, (first + count) * WIDTH),
    scales: blocks!.scales.slice((first * WIDTH) / BLOCK, ((first + count) * WIDTH) / BLOCK),
  });
  return { name: 'weight', rows: values.length / WIDTH, width: WIDTH, read, ...(blocks && { readBlocks }) };
}

async function openLayer(weight: WeightRows) {
  const folder = temporaryFolder();
  const weights = new WeightFile(join(folder, 'graph.data'));
  const graph = new GraphWriter(weights);
  graph.input('x', 'float', ['B', 'S', WIDTH]);
  graph.output('y', 'float', ['B', 'S', weight.rows]);
  new LayerWriter(graph, 'nb4', 'test').linear('x', 'weight', weight, 'y');
  weights.close();
  const bytes = graph.finish();
  writeFileSync(join(folder, 'graph.onnx'), bytes);
  const session = await InferenceSession.create(join(folder, 'graph.onnx'), { intraOpNumThreads: 1 });
  const run = async (x: Float32Array, batch = 1) =>
    rowsOf((await session.run({ x: new Tensor('float32', x, [batch, x.length / WIDTH / batch, WIDTH]) })).y);
  return { run, hasRests: bytes.includes('weight.rests') };
}

const largest = (block: Float32Array) => Math.max(...block.map(Math.abs));

/** Half a step of an input's blocks in 8 bits, times the weights as they are rounded; `stepOf` is that of a block of weights. */
function bound(x: Float32Array, row: Float32Array, stepOf: (block: Float32Array) => number): number {
  let sum = 0;
  for (let from = 0; from < WIDTH; from += BLOCK) {
    const [a, w] = [x.subarray(from, from + BLOCK), row.subarray(from, from + BLOCK)];
    const [halfA, halfW] = [largest(a) / 127 / 2, stepOf(w) / 2];
    // The codes lie within 8 steps of 0, whatever the rest is.
    for (let i = 0; i < BLOCK; i++) sum += Math.abs(a[i]!) * halfW + halfA * (16 * halfW + Math.abs(w[i]!));
  }
  return sum * 1.001 + 1e-5;
}

async function check(weight: WeightRows, stepOf: (block: Float32Array) => number, rows: number) {
  const layer = await openLayer(weight);
  const x = seeded(rows).normals(rows * WIDTH, 1);
  const values = weight.read(0, weight.rows);
  for (const [row, answers] of (await layer.run(x)).entries()) {
    const input = x.subarray(row * WIDTH, (row + 1) * WIDTH);
    for (const [output, value] of answers.entries()) {
      const weights = values.subarray(output * WIDTH, (output + 1) * WIDTH);
      const exact = input.reduce((sum, a, i) => sum + a * weights[i]!, 0);
      expect(Math.abs(value - exact)).toBeLessThan(bound(input, weights, stepOf));
    }
  }
  return layer;
}

const spread = (block: Float32Array) => (Math.max(...block) - Math.min(...block)) / 15;

test.for([1, 2, 5, 40])('a layer of %i rows is within the rounding of its blocks', async (rows) => {
  const values = seeded(rows + 20).normals(OUTPUTS * WIDTH, 0.1);
  values.fill(0, 5 * WIDTH, 6 * WIDTH); // a row of zeros has a scale of zero
  values.fill(0.3, 6 * WIDTH, 7 * WIDTH); // and so has one of equal numbers
  values[7 * WIDTH + 3] = 9; // an outlier costs precision in its own block only
  await check(weightOf(values), spread, rows);
});

test('weights that lie in blocks of 16 steps with a least number, as those of Q4_1, are not rounded again', async () => {
  const random = seeded(3);
  const numbers = random.normals((OUTPUTS * WIDTH * 2) / BLOCK, 0.1);
  const values = random.normals(OUTPUTS * WIDTH, 4).map((value, i) => {
    const block = Math.floor(i / BLOCK);
    // Both ends are there, as a rounding finds them.
    const code = i % BLOCK === 5 ? 0 : i % BLOCK === 9 ? 15 : Math.max(0, Math.min(15, Math.round(value + 7)));
    return code * Math.abs(numbers[2 * block]!) + numbers[2 * block + 1]!;
  });
  expect((await check(weightOf(values), () => 0, 3)).hasRests).toBe(true);
});

test('codes of symmetric blocks of 4 bits, as those of Q4_0, stay as they are, and need no second product', async () => {
  const random = seeded(4);
  const codes = Int8Array.from(random.normals(OUTPUTS * WIDTH, 3), (value) =>
    Math.max(-8, Math.min(7, Math.round(value))),
  );
  const scales = random.normals((OUTPUTS * WIDTH) / BLOCK, 0.1);
  const values = Float32Array.from(codes, (code, i) => code * scales[Math.floor(i / BLOCK)]!);
  expect((await check(weightOf(values, { codes, scales }), () => 0, 3)).hasRests).toBe(false);
});

test('codes of 8 bits are rounded', async () => {
  const random = seeded(5);
  const codes = Int8Array.from(random.normals(OUTPUTS * WIDTH, 40), (value) =>
    Math.max(-127, Math.min(127, Math.round(value))),
  );
  const scales = random.normals((OUTPUTS * WIDTH) / BLOCK, 0.01);
  const values = Float32Array.from(codes, (code, i) => code * scales[Math.floor(i / BLOCK)]!);
  await check(weightOf(values, { codes, scales }), spread, 3);
});

test('a row has the same bytes alone, and beside any number of others', async () => {
  const { run } = await openLayer(weightOf(seeded(6).normals(OUTPUTS * WIDTH, 0.1)));
  const x = seeded(7).normals(17 * WIDTH, 1);
  const [alone] = await run(x.slice(0, WIDTH));
  for (const rows of [2, 3, 4, 5, 8, 9, 16, 17]) {
    const some = x.slice(0, rows * WIDTH);
    expect((await run(some))[0], `${rows} tokens`).toEqual(alone);
    expect((await run(some, rows))[0], `${rows} texts`).toEqual(alone);
  }
});
