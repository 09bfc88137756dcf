// Compares a weight file with the tensors that a graph is made of, before anything is written or sized by them.

import { corrupt, unsupported } from '../read/source-errors.ts';
import type { TensorFile } from '../read/tensor-file.ts';

export interface ExpectedTensors {
  /** Name → sizes, outermost first. */
  readonly needed: ReadonlyMap<string, readonly number[]>;
  readonly optional?: ReadonlyMap<string, readonly number[]>;
  /** Tensors that may be there and are not used: heads for other tasks. */
  readonly unused?: readonly string[];
}

export function checkTensors(file: TensorFile, { needed, optional = new Map(), unused = [] }: ExpectedTensors): void {
  for (const name of file.names) {
    if (needed.has(name) || optional.has(name) || unused.some((prefix) => name.startsWith(prefix))) continue;
    // A bias, an expert, a rotary factor …: leaving it out would compute something else without a word.
    throw unsupported(file.path, `has a tensor ${name}, which a graph of this family has no place for`);
  }
  for (const [name, sizes] of needed) checkSizes(file, name, sizes);
  for (const [name, sizes] of optional) if (file.names.includes(name)) checkSizes(file, name, sizes);
}

function checkSizes(file: TensorFile, name: string, expected: readonly number[]): void {
  const found = file.shape(name);
  if (found.length !== expected.length || found.some((size, i) => size !== expected[i]))
    throw corrupt(file.path, `expected tensor ${name} of ${expected.join(' × ')}, got ${found.join(' × ')}`);
}
