// The number format of a CPU: row8 only where its products of bytes cannot overflow.

import { expect, test } from 'vitest';
import { checkFormat, chooseFormat } from '../../workers/inference/choose-format.ts';

test.for(['x64-amx', 'x64-avx512vnni', 'x64-avxvnni'])('%s runs row8, and takes it by itself', (cpu) => {
  expect(chooseFormat('auto', cpu)).toBe('row8');
  expect(() => checkFormat('some-model', 'row8', cpu)).not.toThrow();
});

test.for(['x64-avx512', 'x64-avx2', 'arm64-i8mm', 'arm64-apple-m2'])('%s takes nb8, and refuses row8', (cpu) => {
  expect(chooseFormat('auto', cpu)).toBe('nb8');
  expect(() => checkFormat('some-model', 'row8', cpu)).toThrow(`to run some-model in row8, this one is ${cpu}`);
  expect(() => checkFormat('some-model', 'nb8', cpu)).not.toThrow();
});

test('a format that was asked for is taken', () => {
  expect(chooseFormat('fp32', 'x64-amx')).toBe('fp32');
  expect(chooseFormat('row8', 'x64-avx2')).toBe('row8');
});
