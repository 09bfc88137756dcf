// What one kind of stored numbers is: each has a file of its own beside this one, and a line in ggml-types.ts.

import { halfToFloat } from '../half-floats.ts';
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

const VALUES = 32;

/** A kind of blocks of 32: a half-precision scale, then the codes, which `readCodes` takes from `at` on into the 32 at `to`. */
export function symmetricType(
  kind: Pick<GgmlType, 'name' | 'id' | 'blockBytes'>,
  readCodes: (bytes: Buffer, at: number, codes: Int8Array, to: number) => void,
): GgmlType {
  const decodeBlocks = (bytes: Buffer): SymmetricBlocks => {
    const blocks = bytes.length / kind.blockBytes;
    const codes = new Int8Array(blocks * VALUES);
    const scales = new Float32Array(blocks);
    for (let block = 0, at = 0; block < blocks; block++, at += kind.blockBytes) {
      scales[block] = halfToFloat(bytes.readUInt16LE(at));
      readCodes(bytes, at + 2, codes, block * VALUES);
    }
    return { codes, scales };
  };
  return { ...kind, blockValues: VALUES, decode: (bytes) => scaled(decodeBlocks(bytes)), decodeBlocks };
}

/** The values of symmetric blocks. */
function scaled({ codes, scales }: SymmetricBlocks): Float32Array {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < values.length; i++) values[i] = codes[i]! * scales[i >> 5]!;
  return values;
}
