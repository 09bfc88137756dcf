// The number format nb4: blocks of 32 neighbouring weights of 4 bits each, value = scale × (code − 8) + rest, scale and rest in
// floats. The operator knows no rest, and a whole number in its place (its zero points) costs the default text model, whose file has such
// blocks (Q4_1), 15 to 21 % of perplexity over 2,165 tokens; with the rest its codes come out as they lie in the file, and it costs nothing that those could show.

import type { SymmetricBlocks, WeightRows } from '../read/tensor-file.ts';
import { BLOCK } from './blocks8.ts';
import { finite, pieces } from './weight-pieces.ts';

/** The code that stands for 0, onnxruntime's default zero point of 4-bit blocks, and the largest. */
const ZERO = 8;
const MOST = 15;

/** One number for each block of a matrix. */
export interface BlockNumbers {
  readonly scales: Float32Array;
  readonly rests: Float32Array;
}

export function blockNumbers({ rows, width }: WeightRows): BlockNumbers {
  const count = (rows * width) / BLOCK;
  return { scales: new Float32Array(count), rests: new Float32Array(count) };
}

/** Writes the codes of a matrix piece by piece, two in a byte, the first below, and fills in the numbers of its blocks meanwhile. */
export function* packedPieces(path: string, weight: WeightRows, numbers: BlockNumbers): Generator<Uint8Array> {
  const blocksPerRow = weight.width / BLOCK;
  for (const [first, count] of pieces(weight)) {
    const values = finite(path, weight.name, weight.read(first, count));
    const exact = weight.readBlocks?.(first, count);
    const codes = new Uint8Array(values.length);
    for (let block = 0; block < values.length / BLOCK; block++) {
      const of = { codes: codes.subarray(block * BLOCK, (block + 1) * BLOCK), at: first * blocksPerRow + block };
      if (exact === undefined || !takenAsItIs(exact, block, of, numbers))
        nearest(values.subarray(block * BLOCK, (block + 1) * BLOCK), of, numbers);
    }
    yield packed(codes);
  }
}

interface Place {
  readonly codes: Uint8Array;
  readonly at: number;
}

/** Codes that fit into 4 bits, as all of Q4_0 do: nothing is rounded again. */
function takenAsItIs(exact: SymmetricBlocks, block: number, { codes, at }: Place, { scales }: BlockNumbers): boolean {
  for (let i = 0; i < BLOCK; i++) {
    const code = exact.codes[block * BLOCK + i]! + ZERO;
    if (code < 0 || code > MOST) return false;
    codes[i] = code;
  }
  scales[at] = exact.scales[block]!;
  return true;
}

/** The least value has code 0, the largest 15. */
function nearest(values: Float32Array, { codes, at }: Place, { scales, rests }: BlockNumbers): void {
  let [least, largest] = [values[0]!, values[0]!];
  for (const value of values) {
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  const scale = Math.fround((largest - least) / MOST);
  scales[at] = scale;
  rests[at] = least + ZERO * scale;
  if (scale === 0) codes.fill(ZERO);
  else for (let i = 0; i < BLOCK; i++) codes[i] = (values[i]! - least) / scale + 0.5;
}

function packed(codes: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(codes.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = codes[2 * i]! | (codes[2 * i + 1]! << 4);
  return bytes;
}
