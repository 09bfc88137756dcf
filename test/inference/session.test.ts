// How sessions treat numbers below the smallest normal one: as 0, since a CPU is slow with them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { expect, onTestFinished, test } from 'vitest';
import { GraphWriter } from '../../workers/inference/convert/onnx/graph-writer.ts';
import { WeightFile } from '../../workers/inference/convert/onnx/weight-file.ts';
import { openSession } from '../../workers/inference/session.ts';
import { ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';
import { temporaryFolder } from './convert/tiny-source.ts';

test('a product below the smallest normal number is 0, and the smallest normal one is itself', async () => {
  const path = temporaryFolder();
  const weights = new WeightFile(join(path, 'graph.data'));
  const graph = new GraphWriter(weights);
  graph.input('x', 'float', [4]);
  graph.output('y', 'float', [4]);
  graph.node('Mul', ['x', graph.number(2 ** -20)], {}, 'y');
  weights.close();
  writeFileSync(join(path, 'graph.onnx'), graph.finish());

  const session = await openSession({ ...ECHO_TEXT_MODEL, path });
  onTestFinished(() => session.release());
  const x = new Tensor('float32', Float32Array.of(2 ** -106, 2 ** -107, -(2 ** -125), 1), [4]);
  const { y } = await session.run({ x });
  expect([...(y!.data as Float32Array)].map(Math.abs)).toEqual([2 ** -126, 0, 0, 2 ** -20]);
});
