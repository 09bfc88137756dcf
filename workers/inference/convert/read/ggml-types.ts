// How GGUF files store numbers: plain floats, or blocks of 32 with a common scale. Kinds not listed here are refused.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { decodeBfloat16, decodeFloat32, decodeHalf, halfToFloat } from './half-floats.ts';
import type { SymmetricBlocks } from './tensor-file.ts';

export interface GgmlType {
  readonly name: string;
  /** Values that are stored together. */
  readonly blockValues: number;
  readonly blockBytes: number;
  decode(bytes: Buffer): Float32Array;
  /** For kinds whose blocks are value = code × scale. */
  readonly decodeBlocks?: (bytes: Buffer) => SymmetricBlocks;
}

const BLOCK = 32;

/** Q8_0: a half-precision scale, then 32 signed bytes. */
function q8Blocks(bytes: Buffer): SymmetricBlocks {
  const blocks = bytes.length / 34;
  const codes = new Int8Array(blocks * BLOCK);
  const scales = new Float32Array(blocks);
  for (let block = 0, at = 0; block < blocks; block++, at += 34) {
    scales[block] = halfToFloat(bytes.readUInt16LE(at));
    codes.set(new Int8Array(bytes.buffer, bytes.byteOffset + at + 2, BLOCK), block * BLOCK);
  }
  return { codes, scales };
}

/** Q4_0: a half-precision scale, then 16 bytes; low halves are codes 0–15, high halves 16–31, each 8 too large. */
function q4Blocks(bytes: Buffer): SymmetricBlocks {
  const blocks = bytes.length / 18;
  const codes = new Int8Array(blocks * BLOCK);
  const scales = new Float32Array(blocks);
  for (let block = 0, at = 0; block < blocks; block++, at += 18) {
    scales[block] = halfToFloat(bytes.readUInt16LE(at));
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 2 + i]!;
      codes[block * BLOCK + i] = (pair & 15) - 8;
      codes[block * BLOCK + 16 + i] = (pair >> 4) - 8;
    }
  }
  return { codes, scales };
}

/** Q4_1: half-precision scale and minimum, then 16 bytes as in Q4_0; value = code × scale + minimum. */
function decodeQ41(bytes: Buffer): Float32Array {
  const blocks = bytes.length / 20;
  const values = new Float32Array(blocks * BLOCK);
  for (let block = 0, at = 0; block < blocks; block++, at += 20) {
    const scale = halfToFloat(bytes.readUInt16LE(at));
    const minimum = halfToFloat(bytes.readUInt16LE(at + 2));
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 4 + i]!;
      values[block * BLOCK + i] = (pair & 15) * scale + minimum;
      values[block * BLOCK + 16 + i] = (pair >> 4) * scale + minimum;
    }
  }
  return values;
}

function scaled({ codes, scales }: SymmetricBlocks): Float32Array {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < values.length; i++) values[i] = codes[i]! * scales[i >> 5]!;
  return values;
}

const TYPES: Readonly<Record<number, GgmlType>> = {
  [GGMLQuantizationType.F32]: { name: 'F32', blockValues: 1, blockBytes: 4, decode: decodeFloat32 },
  [GGMLQuantizationType.F16]: { name: 'F16', blockValues: 1, blockBytes: 2, decode: decodeHalf },
  [GGMLQuantizationType.BF16]: { name: 'BF16', blockValues: 1, blockBytes: 2, decode: decodeBfloat16 },
  [GGMLQuantizationType.Q8_0]: {
    name: 'Q8_0',
    blockValues: BLOCK,
    blockBytes: 34,
    decode: (bytes) => scaled(q8Blocks(bytes)),
    decodeBlocks: q8Blocks,
  },
  [GGMLQuantizationType.Q4_0]: {
    name: 'Q4_0',
    blockValues: BLOCK,
    blockBytes: 18,
    decode: (bytes) => scaled(q4Blocks(bytes)),
    decodeBlocks: q4Blocks,
  },
  [GGMLQuantizationType.Q4_1]: { name: 'Q4_1', blockValues: BLOCK, blockBytes: 20, decode: decodeQ41 },
};

export const KNOWN_GGML_TYPES = Object.values(TYPES).map((type) => type.name);

export function ggmlType(id: number): GgmlType | undefined {
  return TYPES[id];
}

/** The name of any kind, also of those that are refused. */
export function ggmlTypeName(id: number): string {
  return GGMLQuantizationType[id] ?? `number ${id}`;
}
