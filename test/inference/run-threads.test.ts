// Threads of a run: no more than leave every byte as it is.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { LayerWriter } from '../../workers/inference/convert/graphs/layers.ts';
import { GraphWriter } from '../../workers/inference/convert/onnx/graph-writer.ts';
import { WeightFile } from '../../workers/inference/convert/onnx/weight-file.ts';
import { coresAreOfOneKind, threadsOf } from '../../workers/inference/run-threads.ts';
import { SESSION_OPTIONS } from '../../workers/inference/session.ts';
import { ECHO_EMBEDDING_MODEL, ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';
import { seeded } from './convert/seeded.ts';
import { temporaryFolder } from './convert/tiny-source.ts';

const DECODER = ECHO_TEXT_MODEL.description; // 9 heads share 3 of keys and values

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

test('a decoder has as many as heads of keys and values, an encoder as heads, at most', () => {
  const fewer = { threads: 3, fewerThreads: 'heads of keys and values' };
  expect([1, 2, 3, 4, 64].map((wanted) => threadsOf(DECODER, wanted, true))).toEqual([
    ...[{ threads: 1 }, { threads: 2 }, { threads: 3 }],
    ...[fewer, fewer],
  ]);
  const encoder = ECHO_EMBEDDING_MODEL.description; // of one head
  expect([1, 2].map((wanted) => threadsOf(encoder, wanted, true))).toEqual([
    { threads: 1 },
    { threads: 1, fewerThreads: 'heads' },
  ]);
});

test('one where more would change bytes: in 4-bit blocks, in ready-made graphs, and where cores are of two kinds', () => {
  const one = (fewerThreads: string) => ({ threads: 1, fewerThreads });
  expect(threadsOf({ ...DECODER, format: 'nb4' }, 3, true)).toEqual(one('format nb4'));
  expect(threadsOf({ ...DECODER, format: 'nb4' }, 1, true)).toEqual({ threads: 1 });
  const graph = { mask: true, types: false, output: 'logits' };
  const shape = { architecture: 'onnx-cross-encoder', vocabulary: 100, maxTokens: 64, graph } as const;
  expect(threadsOf({ ...DECODER, shape }, 8, true)).toEqual(one('ready-made graph'));
  expect(threadsOf(DECODER, 3, false)).toEqual(one('cores of two kinds'));
});

test.for([
  ['an AMD', 'vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2 avx_vnni', true],
  ['an Intel before there were two kinds', 'vendor_id\t: GenuineIntel\nflags\t\t: fpu avx2 fma', true],
  ['an Intel of servers', 'vendor_id\t: GenuineIntel\nflags\t\t: avx2 avx_vnni avx512f amx_int8', true],
  ['an Intel with two kinds', 'vendor_id\t: GenuineIntel\nflags\t\t: fpu avx2 fma avx_vnni', false],
  ['an ARM of one kind', 'CPU part\t: 0xd40\nCPU part\t: 0xd40', true],
  ['an ARM of two', 'CPU part\t: 0xd05\nCPU part\t: 0xd40', false],
  ['a system that does not tell', '', false],
] as const)('whether the cores of %s are alike is known', ([, cpuInfo, alike]) => {
  expect(coresAreOfOneKind(cpuInfo)).toBe(alike);
});

test.for(['row8u', 'nb8', 'fp32', 'nb4'] as const)(
  'a layer in %s gives equal bits with several threads',
  async (format) => {
    const [outputs, width] = [576, 768];
    const path = temporaryFolder();
    const weights = new WeightFile(join(path, 'graph.data'));
    const graph = new GraphWriter(weights);
    const values = seeded(5).normals(outputs * width, 0.1);
    const read = (first: number, count: number) => values.slice(first * width, (first + count) * width);
    graph.input('x', 'float', ['B', 'S', width]);
    graph.output('y', 'float', ['B', 'S', outputs]);
    const weight = { name: 'weight', rows: outputs, width, read };
    const product = new LayerWriter(graph, format, 'test').linearOfNormed('x', 'weight', weight);
    graph.node('Identity', [product], {}, 'y');
    weights.close();
    writeFileSync(join(path, 'graph.onnx'), graph.finish());
    const open = (intraOpNumThreads: number) =>
      InferenceSession.create(join(path, 'graph.onnx'), { ...SESSION_OPTIONS, intraOpNumThreads });
    const one = await open(1);
    for (const wanted of [2, 3]) {
      const several = await open(threadsOf({ ...DECODER, format }, wanted, true).threads);
      // Threads take tiles of 128 rows.
      for (const rows of [1, 2, 64, 128, 129, 257]) {
        const x = new Tensor('float32', seeded(rows).normals(rows * width, 1), [1, rows, width]);
        const [{ y: was }, { y: is }] = [await one.run({ x }), await several.run({ x })];
        expect(bytesOf(is!.data as Float32Array).equals(bytesOf(was!.data as Float32Array)), `${rows} rows`).toBe(true);
      }
      await several.release();
    }
    await one.release();
  },
);
