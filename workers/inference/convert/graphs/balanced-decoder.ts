// A decoder whose feed-forward channels are of one size where they enter the last matrix: the same function of
// its input. Channels differ in size by hundreds, and a row of `down` has one scale for the weights of all of them. Dividing
// a row of `up` by a number and multiplying the column of `down` by it changes nothing but what rounding costs: least where
// the number is √(size of what comes ÷ size of the column). What comes is gate × up of a row without outliers, so its size
// follows from the lengths of their rows, and no text is needed. Perplexity against fp32 with and without, over 2,165
// tokens: +0.5, +1.0 %; over 9,048 others: +0.4, +0.8 %.

import type { TensorFile, WeightRows } from '../read/tensor-file.ts';
import { changed, vectorOf } from './weight-pieces.ts';

const BALANCED = /^(blk\.\d+)\.ffn_(up|down)\.weight$/;

export function balancedDecoder(file: TensorFile): TensorFile {
  const known = new Map<string, Float32Array>();
  const numbersOf = (block: string) => {
    const numbers = known.get(block) ?? balance(file, block);
    known.set(block, numbers);
    return numbers;
  };
  return {
    path: file.path,
    names: file.names,
    shape: (name) => file.shape(name),
    rows(name) {
      const [, block, part] = BALANCED.exec(name) ?? [];
      if (block === undefined) return file.rows(name);
      const numbers = numbersOf(block);
      return part === 'up'
        ? scaled(file.rows(name), (row) => 1 / numbers[row]!)
        : scaled(file.rows(name), (_, column) => numbers[column]!);
    },
    close: () => file.close(),
  };
}

/** A number for each channel of a block's feed-forward. */
function balance(file: TensorFile, block: string): Float32Array {
  const gains = vectorOf(file, `${block}.ffn_norm.weight`);
  const part = (name: string) => file.rows(`${block}.ffn_${name}.weight`);
  const gate = lengthsOfRows(part('gate'), gains);
  const up = lengthsOfRows(part('up'), gains);
  const down = lengthsOfColumns(part('down'));
  return gate.map((length, channel) => {
    const number = Math.sqrt((length * up[channel]!) / down[channel]!);
    // A channel without weights, before or after.
    return Number.isFinite(number) && number > 0 ? number : 1;
  });
}

function lengthsOfRows({ rows, width, read }: WeightRows, gains: Float32Array): Float32Array {
  const values = read(0, rows);
  return Float32Array.from({ length: rows }, (_, row) => {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += (values[row * width + i]! * gains[i]!) ** 2;
    return Math.sqrt(squares);
  });
}

function lengthsOfColumns({ rows, width, read }: WeightRows): Float32Array {
  const values = read(0, rows);
  const squares = new Float64Array(width);
  for (let i = 0; i < values.length; i++) squares[i % width]! += values[i]! ** 2;
  return Float32Array.from(squares, Math.sqrt);
}

function scaled(weight: WeightRows, by: (row: number, column: number) => number): WeightRows {
  const { width } = weight;
  return changed(weight, (values, first) => {
    for (let i = 0; i < values.length; i++) values[i]! *= by(first + Math.floor(i / width), i % width);
  });
}
