// How sessions treat numbers below the smallest normal one: as 0, since a CPU is slow with them. And what they say of what they
// cannot do.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { expect, onTestFinished, test } from 'vitest';
import { GraphWriter } from '../../workers/inference/convert/onnx/graph-writer.ts';
import { WeightFile } from '../../workers/inference/convert/onnx/weight-file.ts';
import { openSession } from '../../workers/inference/session.ts';
import { openError } from '../../workers/inference/session-error.ts';
import { ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';
import { temporaryFolder } from './convert/tiny-source.ts';

/** Opens a graph of one node over four numbers, as an engine would, and gives what it makes of them. */
async function run(x: readonly number[], node: (graph: GraphWriter) => void): Promise<Float32Array> {
  const session = await sessionOf(node);
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(x), [4]) });
  return y!.data as Float32Array;
}

async function sessionOf(node: (graph: GraphWriter) => void) {
  const path = temporaryFolder();
  const weights = new WeightFile(join(path, 'graph.data'));
  const graph = new GraphWriter(weights);
  graph.input('x', 'float', [4]);
  graph.output('y', 'float', [4]);
  node(graph);
  weights.close();
  writeFileSync(join(path, 'graph.onnx'), graph.finish());
  const session = await openSession({ ...ECHO_TEXT_MODEL, path });
  onTestFinished(() => session.release());
  return session;
}

test('a product below the smallest normal number is 0, and the smallest normal one is itself', async () => {
  const y = await run([2 ** -106, 2 ** -107, -(2 ** -125), 1], (graph) => {
    graph.node('Mul', ['x', graph.number(2 ** -20)], {}, 'y');
  });
  expect([...y].map(Math.abs)).toEqual([2 ** -126, 0, 0, 2 ** -20]);
});

test('what is masked weighs exactly 0 after a softmax, and what is not keeps all of the weight', async () => {
  const y = await run([0, -1e30, 0, -88], (graph) => graph.node('Softmax', ['x'], { axis: -1 }, 'y'));
  expect([...y]).toEqual([0.5, 0, 0.5, 0]);
});

test('what a graph cannot compute is told with the name of its model', async () => {
  const session = await sessionOf((graph) => graph.node('Mul', ['x', graph.number(2)], {}, 'y'));
  const run = session.run({ x: new Tensor('float32', new Float32Array(3), [3]) });
  await expect(run).rejects.toMatchObject({
    name: 'RunFailed',
    message: expect.stringMatching(/^expected onnxruntime to run smollm2-135m-instruct: .*Got invalid dimensions/),
  });
});

test('memory that runs out while a graph is opened is not taken for a damaged file', () => {
  const reason = new Error('Exception during initialization: std::bad_alloc');
  expect(openError(ECHO_TEXT_MODEL, 'graph.onnx', reason)).toMatchObject({
    name: 'EngineOutOfMemory',
    message: 'expected memory to open smollm2-135m-instruct: Exception during initialization: std::bad_alloc',
  });
  expect(openError(ECHO_TEXT_MODEL, 'graph.onnx', new Error('Protobuf parsing failed.')).name).toBe('ModelCorrupt');
});
