// The CPU class: equal for machines whose results are equal, as far as onnxruntime chooses kernels by it.

import { expect, test } from 'vitest';
import { cpuClass, cpuClassOf } from '../../../workers/inference/cpu-class.ts';

const flags = (list: string) => new Set(list.split(' '));

test.each([
  ['x64', 'sse4_2 avx avx2 fma', 'x64-avx2'],
  ['x64', 'avx avx2 fma avx512f avx512bw avx512vl', 'x64-avx512'],
  ['x64', 'avx avx2 fma avx512f avx512bw avx512vl avx512_vnni', 'x64-avx512vnni'],
  ['x64', 'avx avx2 fma avx512f avx512bw avx512vl avx512_vnni amx_int8', 'x64-amx'],
  ['x64', 'sse2', 'x64'],
  ['arm64', 'asimd asimddp', 'arm64-dotprod'],
])('%s with %s is %s', (architecture, list, expected) => {
  expect(cpuClassOf(architecture, flags(list), 'any')).toBe(expected);
});

test('where the system lists no flags, the model of the CPU stands for them', () => {
  expect(cpuClassOf('arm64', new Set(), 'Apple M3 Pro')).toBe('arm64-apple-m3-pro');
});

test('this machine has one', () => {
  expect(cpuClass()).toMatch(/^(x64|arm64)(-[a-z0-9-]+)?$/);
});
