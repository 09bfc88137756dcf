// The number format of a CPU: row8 only where its products of bytes cannot overflow.

import { expect, test } from 'vitest';
import { checkFormat, chooseFormat, chooseFormatOf } from '../../workers/inference/choose-format.ts';
import { cpuClassOf } from '../../workers/inference/cpu-class.ts';
import { formatOfModel } from '../../workers/inference/format-of-model.ts';

test.for(['x64-amx', 'x64-avx512vnni', 'x64-avxvnni'])('%s runs row8, and takes it by itself', (cpu) => {
  expect(chooseFormat('auto', cpu)).toBe('row8');
  expect(() => checkFormat('some-model', 'row8', cpu)).not.toThrow();
});

test.for([
  ['x64-avx512', 'nb8'],
  ['x64-avx2', 'row8u'],
  ['arm64-i8mm', 'nb8'],
  ['arm64-apple-m2', 'nb8'],
] as const)('%s takes %s, and refuses row8', ([cpu, format]) => {
  expect(chooseFormat('auto', cpu)).toBe(format);
  expect(() => checkFormat('some-model', 'row8', cpu)).toThrow(`to run some-model in row8, this one is ${cpu}`);
  for (const any of ['row8u', 'nb8'] as const) expect(() => checkFormat('some-model', any, cpu)).not.toThrow();
});

test('a reranking model is in nb8 unless another format was asked for', () => {
  expect(chooseFormatOf('reranking', 'auto', 'x64-amx')).toBe('nb8');
  expect(chooseFormatOf('reranking', 'row8', 'x64-amx')).toBe('row8');
  expect(chooseFormatOf('embedding', 'auto', 'x64-amx')).toBe('row8');
});

test('a format that was asked for is taken', () => {
  expect(chooseFormat('fp32', 'x64-amx')).toBe('fp32');
  expect(chooseFormat('row8', 'x64-avx2')).toBe('row8');
});

const AVX512 = 'avx avx2 fma avx512f avx512bw avx512vl';

test.for([
  [`${AVX512} avx512_vnni amx_int8`, true],
  [`${AVX512} avx512_vnni`, true],
  ['avx avx2 fma avx_vnni', true],
  [AVX512, false],
  // VNNI with the rest of AVX-512 hidden, as hypervisors can.
  ['avx avx2 fma avx512f avx512_vnni', false],
  ['avx avx2 fma', false],
] as const)('of the flags "%s" it depends whether row8 is let in: %s', ([flags, runs]) => {
  const cpu = cpuClassOf('x64', new Set(flags.split(' ')), 'any');
  const check = () => checkFormat('some-model', 'row8', cpu);
  const refusal = { name: 'ModelUnsupported', hint: expect.stringContaining('row8u') };
  if (runs) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining(refusal));
});

test('of a model: what is set, else what the table gives the CPU; a ready-made graph has its own, whatever is set', () => {
  const entryOf = (path: string) => {
    const files = [{ role: 'weights' as const, path, bytes: 1, sha256: 'a'.repeat(64) }];
    return { name: 'm', kind: 'embedding' as const, licence: 'none', files, sources: {} };
  };
  const nowhere = '/nonexistent';
  const weights = entryOf('model.safetensors');
  expect(formatOfModel(nowhere, weights, 'auto')).toEqual({ format: chooseFormat('auto'), why: 'cpu' });
  expect(formatOfModel(nowhere, weights, 'row8')).toEqual({ format: 'row8', why: 'set' });
  for (const wanted of ['auto', 'row8'] as const)
    expect(formatOfModel(nowhere, entryOf('model.onnx'), wanted)).toEqual({ format: 'own', why: 'own' });
});
