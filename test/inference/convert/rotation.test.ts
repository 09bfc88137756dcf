// Rotated coordinates: a rotation keeps lengths and angles and flattens outliers, and a rotated model is the same function.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { writeDecoderGraph } from '../../../workers/inference/convert/graphs/decoder-graph.ts';
import { decoderFamily } from '../../../workers/inference/convert/graphs/families/families.ts';
import { readGgufShape } from '../../../workers/inference/convert/graphs/gguf-shape.ts';
import { LayerWriter } from '../../../workers/inference/convert/graphs/layers.ts';
import {
  rotateColumns,
  rotateRows,
  rotationFactors,
  transposed,
} from '../../../workers/inference/convert/graphs/rotation.ts';
import { GraphWriter } from '../../../workers/inference/convert/onnx/graph-writer.ts';
import { WeightFile } from '../../../workers/inference/convert/onnx/weight-file.ts';
import { openGguf } from '../../../workers/inference/convert/read/gguf-file.ts';
import { metadataFields } from '../../../workers/inference/convert/read/metadata-fields.ts';
import { largestDifference, NO_PAST, rowsOf, stepDecoder } from './run-graph.ts';
import { seeded } from './seeded.ts';
import { tinyDecoder } from './tiny-decoder.ts';
import { temporaryFolder } from './tiny-source.ts';

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function rotated(row: Float32Array): Float32Array {
  const turned = row.slice();
  rotateRows(turned, row.length);
  return turned;
}

describe.for([1, 7, 8, 64, 96, 576, 960])('a rotation of %i numbers', (width) => {
  const [a, b] = [seeded(1).normals(width, 1), seeded(2).normals(width, 1)];

  test('keeps products of rows, so lengths and angles', () => {
    expect(dot(rotated(a), rotated(b))).toBeCloseTo(dot(a, b), 3);
    expect(dot(rotated(a), rotated(a))).toBeCloseTo(dot(a, a), 2);
  });

  test('turns columns so that a product with a turned row is the product turned', () => {
    const height = 5;
    const matrix = seeded(3).normals(width * height, 1); // [width, height]
    const product = Float32Array.from({ length: height }, (_, column) =>
      a.reduce((sum, value, i) => sum + value * matrix[i * height + column]!, 0),
    );
    const turnedMatrix = rotateColumns(matrix, height);
    const turnedRow = rotated(a);
    for (let column = 0; column < height; column++) {
      const found = turnedRow.reduce((sum, value, i) => sum + value * turnedMatrix[i * height + column]!, 0);
      expect(found).toBeCloseTo(product[column]!, 3);
    }
  });
});

test.for([1, 7, 8, 64, 96, 576, 1536, 11008, 18944])(
  'the factors of a rotation of %i numbers make the same of a row',
  (width) => {
    const { signs, across, within, blocks, block } = rotationFactors(width);
    expect(blocks * block).toBe(width);
    expect([...signs].every((sign) => Math.abs(sign) === 1)).toBe(true);
    const row = seeded(width).normals(width, 1);
    const inBlocks = new Float64Array(width);
    for (let i = 0; i < width; i++) {
      const [from, at] = [Math.floor(i / block), i % block];
      for (let to = 0; to < block; to++) inBlocks[from * block + to]! += signs[i]! * row[i]! * within[at * block + to]!;
    }
    const turned = new Float64Array(width);
    for (let to = 0; to < width; to++) {
      for (let from = 0; from < blocks; from++) {
        turned[to]! += across[Math.floor(to / block) * blocks + from]! * inBlocks[from * block + (to % block)]!;
      }
    }
    expect(largestDifference([turned], [rotated(row)])).toBeLessThan(1e-5);
  },
);

test('one large number is spread over all', () => {
  const row = new Float32Array(576);
  row[17] = 1;
  expect(Math.max(...rotated(row).map(Math.abs))).toBeLessThan(2 / Math.sqrt(576));
});

test('a matrix turned twice is itself', () => {
  const matrix = seeded(4).normals(70 * 33, 1);
  expect(transposed(transposed(matrix, 33), 70)).toEqual(matrix);
  expect(transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
});

test.for([
  ['llama', 'a head of its own', {}],
  ['llama', 'an embedding table that is also the head', { tied: true }],
  ['qwen2', 'a head of its own', {}],
  ['qwen3', 'an embedding table that is also the head', { tied: true }],
] as const)('a balanced and rotated %s answers like the plain computation, with %s', async ([family, , options]) => {
  const model = tinyDecoder(family, 8, options);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'model.gguf'), model.bytes);
  const file = openGguf(join(folder, 'model.gguf'));
  const weights = new WeightFile(join(folder, 'graph.data'));
  const graph = new GraphWriter(weights);
  const shape = readGgufShape(file.path, metadataFields(file.path, file.metadata), decoderFamily(family)!);
  writeDecoderGraph(graph, new LayerWriter(graph, 'fp32', file.path), file, shape, true);
  weights.close();
  file.close();
  writeFileSync(join(folder, 'graph.onnx'), graph.finish());
  const session = await InferenceSession.create(join(folder, 'graph.onnx'), { intraOpNumThreads: 1 });
  const ids = [5, 9, 40, 2, 17, 33, 8];
  const { logits } = await stepDecoder(session, model, [{ ids, past: NO_PAST }]);
  expect(largestDifference(rowsOf(logits), model.logits(ids))).toBeLessThan(1e-3);
  await session.release();
});
