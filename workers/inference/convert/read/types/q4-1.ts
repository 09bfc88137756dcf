// Q4_1: blocks of 32, half-precision scale and minimum, then 16 bytes as in Q4_0; value = code × scale + minimum.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { halfToFloat } from '../half-floats.ts';
import type { GgmlType } from './ggml-type.ts';

const VALUES = 32;
const BYTES = 20;

export const Q4_1: GgmlType = {
  name: 'Q4_1',
  id: GGMLQuantizationType.Q4_1,
  blockValues: VALUES,
  blockBytes: BYTES,
  decode(bytes) {
    const blocks = bytes.length / BYTES;
    const values = new Float32Array(blocks * VALUES);
    for (let block = 0, at = 0; block < blocks; block++, at += BYTES) {
      const scale = halfToFloat(bytes.readUInt16LE(at));
      const minimum = halfToFloat(bytes.readUInt16LE(at + 2));
      for (let i = 0; i < 16; i++) {
        const pair = bytes[at + 4 + i]!;
        values[block * VALUES + i] = (pair & 15) * scale + minimum;
        values[block * VALUES + 16 + i] = (pair >> 4) * scale + minimum;
      }
    }
    return values;
  },
};
