// Q4_0: blocks of 32, a half-precision scale, then 16 bytes; low halves are codes 0–15, high halves 16–31, each 8 too large.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { halfToFloat } from '../half-floats.ts';
import type { SymmetricBlocks } from '../tensor-file.ts';
import { type GgmlType, scaled } from './ggml-type.ts';

const VALUES = 32;
const BYTES = 18;

export const Q4_0: GgmlType = {
  name: 'Q4_0',
  id: GGMLQuantizationType.Q4_0,
  blockValues: VALUES,
  blockBytes: BYTES,
  decode: (bytes) => scaled(decodeBlocks(bytes)),
  decodeBlocks,
};

function decodeBlocks(bytes: Buffer): SymmetricBlocks {
  const blocks = bytes.length / BYTES;
  const codes = new Int8Array(blocks * VALUES);
  const scales = new Float32Array(blocks);
  for (let block = 0, at = 0; block < blocks; block++, at += BYTES) {
    scales[block] = halfToFloat(bytes.readUInt16LE(at));
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 2 + i]!;
      codes[block * VALUES + i] = (pair & 15) - 8;
      codes[block * VALUES + 16 + i] = (pair >> 4) - 8;
    }
  }
  return { codes, scales };
}
