// Walks through weights a few rows at a time, so that a conversion needs a few megabytes whatever the size of a matrix.

import { corrupt } from '../read/source-errors.ts';
import type { SymmetricBlocks, TensorFile, WeightRows } from '../read/tensor-file.ts';

// 1 MiB of floats: reading and hashing run at disk speed, and larger pieces are no faster.
const PIECE_VALUES = 1 << 18;

/** A tensor of one dimension, checked to hold finite numbers. */
export function vectorOf(file: TensorFile, name: string): Float32Array {
  return finite(file.path, name, file.rows(name).read(0, 1));
}

export function finite(path: string, name: string, values: Float32Array): Float32Array {
  // x - x is 0 for every finite number; one sum is 4 times faster than a test per value.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! - values[i]!;
  if (sum !== 0) throw corrupt(path, `expected finite numbers in tensor ${name}, got infinity or not-a-number`);
  return values;
}

export function* pieces(weight: WeightRows): Generator<readonly [first: number, count: number]> {
  const rows = Math.max(1, Math.floor(PIECE_VALUES / weight.width));
  for (let first = 0; first < weight.rows; first += rows) yield [first, Math.min(rows, weight.rows - first)];
}

/** The same matrix with its numbers changed, in place, as they are read; `first` is the row that the numbers begin with. */
export function changed(
  { name, rows, width, read }: WeightRows,
  change: (values: Float32Array, first: number) => void,
): WeightRows {
  return {
    name,
    rows,
    width,
    read(first, count) {
      const values = read(first, count);
      change(values, first);
      return values;
    },
  };
}

/** Matrices of equal width, one below the other: several linear layers that read the same input become one. */
export function stack(...parts: readonly WeightRows[]): WeightRows {
  const width = parts[0]!.width;
  const exact = parts.every((part) => part.readBlocks !== undefined);
  const gather = <T>(
    first: number,
    count: number,
    read: (part: WeightRows, first: number, count: number) => T,
  ): T[] => {
    const found: T[] = [];
    let start = 0;
    for (const part of parts) {
      const from = Math.max(first, start);
      const to = Math.min(first + count, start + part.rows);
      if (from < to) found.push(read(part, from - start, to - from));
      start += part.rows;
    }
    return found;
  };
  return {
    name: parts.map((part) => part.name).join(' + '),
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    width,
    read: (first, count) => joined(gather(first, count, (part, from, rows) => part.read(from, rows))),
    ...(exact && {
      readBlocks: (first: number, count: number) =>
        joinedBlocks(gather(first, count, (part, from, rows) => part.readBlocks!(from, rows))),
    }),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function joinedBlocks(parts: readonly SymmetricBlocks[]): SymmetricBlocks {
  const codes = new Int8Array(parts.reduce((sum, part) => sum + part.codes.length, 0));
  let at = 0;
  for (const part of parts) {
    codes.set(part.codes, at);
    at += part.codes.length;
  }
  return { codes, scales: joined(parts.map((part) => part.scales)) };
}

/**
 * GGUF stores the query and key rows of llama models for a rotation of neighbours (2i, 2i+1); the graph rotates halves
 * (i, i + headSize/2), as the model was trained. Row j·headSize/2 + i of a head is row 2i + j of the file.
 */
export function halvesFromNeighbours(weight: WeightRows, headSize: number): WeightRows {
  const sourceRow = (row: number) => {
    const inHead = row % headSize;
    const half = headSize / 2;
    return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
  };
  const rowByRow = <T>(first: number, count: number, read: (row: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => read(sourceRow(first + i)));
  const { readBlocks } = weight;
  return {
    name: weight.name,
    rows: weight.rows,
    width: weight.width,
    read: (first, count) => joined(rowByRow(first, count, (row) => weight.read(row, 1))),
    ...(readBlocks && {
      readBlocks: (first: number, count: number) => joinedBlocks(rowByRow(first, count, (row) => readBlocks(row, 1))),
    }),
  };
}
