// Balanced channels: what comes into the last matrix of a feed-forward is as large as the column it meets, in every channel.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { balancedDecoder } from '../../../workers/inference/convert/graphs/balanced-decoder.ts';
import { openGguf } from '../../../workers/inference/convert/read/gguf-file.ts';
import type { TensorFile } from '../../../workers/inference/convert/read/tensor-file.ts';
import { tinyLlama } from './tiny-llama.ts';
import { temporaryFolder } from './tiny-source.ts';

function open(seed: number): TensorFile {
  const path = join(temporaryFolder(), 'tiny.gguf');
  writeFileSync(path, tinyLlama(seed).bytes);
  return openGguf(path);
}

const lengthOf = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** The numbers of a matrix, row by row. */
function matrix(file: TensorFile, name: string): number[][] {
  const { rows, width, read } = file.rows(name);
  return Array.from({ length: rows }, (_, row) => Array.from(read(row, 1)).slice(0, width));
}

/** Of each channel: what gate × up make of a row of length 1 without outliers, and the column that it meets. */
function sizes(file: TensorFile, block: string) {
  const gains = Array.from(file.rows(`${block}.ffn_norm.weight`).read(0, 1));
  const read = (part: string) => matrix(file, `${block}.ffn_${part}.weight`);
  const withGains = (row: readonly number[]) => lengthOf(row.map((value, i) => value * gains[i]!));
  const [gate, up, down] = [read('gate').map(withGains), read('up').map(withGains), read('down')];
  return gate.map((length, channel) => ({
    comes: length * up[channel]!,
    meets: lengthOf(down.map((row) => row[channel]!)),
  }));
}

test('every channel comes as large as the column it meets, and their product is what it was', () => {
  const [file, balanced] = [open(3), balancedDecoder(open(3))];
  const before = sizes(file, 'blk.1');
  const after = sizes(balanced, 'blk.1');
  expect(Math.max(...before.map(({ comes, meets }) => Math.abs(comes / meets - 1)))).toBeGreaterThan(0.2);
  for (const [channel, { comes, meets }] of after.entries()) {
    expect(comes / meets).toBeCloseTo(1, 3);
    expect((comes * meets) / (before[channel]!.comes * before[channel]!.meets)).toBeCloseTo(1, 3);
  }
});

test('a channel without weights stays as it is', () => {
  const file = open(4);
  const silent: TensorFile = {
    ...{ path: file.path, names: file.names, shape: (name) => file.shape(name), close: () => file.close() },
    rows(name) {
      const rows = file.rows(name);
      if (name !== 'blk.0.ffn_up.weight') return rows;
      return {
        ...rows,
        read: (first, count) => {
          const values = rows.read(first, count);
          if (first === 0) values.fill(0, 0, rows.width);
          return values;
        },
      };
    },
  };
  const balanced = balancedDecoder(silent);
  const down = (from: TensorFile) => matrix(from, 'blk.0.ffn_down.weight').map((row) => row[0]);
  expect(down(balanced)).toEqual(down(silent));
  expect(matrix(balanced, 'blk.0.ffn_up.weight').flat().every(Number.isFinite)).toBe(true);
});

test('all other tensors are untouched', () => {
  const [file, balanced] = [open(5), balancedDecoder(open(5))];
  for (const name of ['blk.0.ffn_gate.weight', 'blk.0.attn_q.weight', 'token_embd.weight']) {
    expect(matrix(balanced, name)).toEqual(matrix(file, name));
  }
});
