// What one kind of stored numbers is: each has a file of its own beside this one, and a line in ggml-types.ts.

import type { SymmetricBlocks } from '../tensor-file.ts';

export interface GgmlType {
  readonly name: string;
  /** The number that GGUF files have for it. */
  readonly id: number;
  /** Values that are stored together. */
  readonly blockValues: number;
  readonly blockBytes: number;
  /** Whole blocks to the values that they stand for. */
  decode(bytes: Buffer): Float32Array;
  /** For kinds whose blocks of 32 are value = code × scale: the codes themselves, so that nothing is rounded twice. */
  readonly decodeBlocks?: (bytes: Buffer) => SymmetricBlocks;
}

/** The values of symmetric blocks. */
export function scaled({ codes, scales }: SymmetricBlocks): Float32Array {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < values.length; i++) values[i] = codes[i]! * scales[i >> 5]!;
  return values;
}
