// Q6_K: blocks of 256, each 16 values with a signed 8-bit scale, which is steps of one half-precision number at the block's
// end; value = (code − 32) × scale. The low four bits of the codes come first (128 bytes), then their upper two (64 bytes), then
// the scales (16 bytes). Each half of a block (128 values, four quarters of 32) has its own 64 and 32 bytes:
// low bits: byte i holds value i of quarter 0 below and of quarter 2 above, byte 32 + i those of quarters 1 and 3;
// upper bits: byte i holds two bits of value i of each quarter, quarter 0 lowest.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { halfToFloat } from '../half-floats.ts';
import type { GgmlType } from './ggml-type.ts';

const VALUES = 256;
const UPPER = 128;
const SCALES = UPPER + 64;
const STEP = SCALES + 16;
const BYTES = STEP + 2;

export const Q6_K: GgmlType = {
  name: 'Q6_K',
  id: GGMLQuantizationType.Q6_K,
  blockValues: VALUES,
  blockBytes: BYTES,
  decode(bytes) {
    const values = new Float32Array((bytes.length / BYTES) * VALUES);
    for (let at = 0, to = 0; at < bytes.length; at += BYTES, to += VALUES) {
      const step = halfToFloat(bytes.readUInt16LE(at + STEP));
      for (let quarter = 0; quarter < 8; quarter++) {
        const half = quarter >> 2;
        const inHalf = quarter & 3;
        const low = at + half * 64 + (inHalf & 1) * 32;
        const upper = at + UPPER + half * 32;
        const lowShift = (inHalf >> 1) * 4;
        for (let i = 0; i < 32; i++) {
          const code = ((bytes[low + i]! >> lowShift) & 15) | (((bytes[upper + i]! >> (2 * inHalf)) & 3) << 4);
          const scale = step * bytes.readInt8(at + SCALES + quarter * 2 + (i >> 4));
          values[to + quarter * 32 + i] = (code - 32) * scale;
        }
      }
    }
    return values;
  },
};
