// Q8_0: blocks of 32, a half-precision scale, then 32 signed bytes.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { halfToFloat } from '../half-floats.ts';
import type { SymmetricBlocks } from '../tensor-file.ts';
import { type GgmlType, scaled } from './ggml-type.ts';

const VALUES = 32;
const BYTES = 34;

export const Q8_0: GgmlType = {
  name: 'Q8_0',
  id: GGMLQuantizationType.Q8_0,
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
    codes.set(new Int8Array(bytes.buffer, bytes.byteOffset + at + 2, VALUES), block * VALUES);
  }
  return { codes, scales };
}
